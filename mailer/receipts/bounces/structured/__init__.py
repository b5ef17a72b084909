"""What mail systems wrote for programs: delivery status, dispositions, complaints."""
