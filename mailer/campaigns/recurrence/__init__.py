"""On which days a schedule comes round, and at which moments it goes out."""
