"""An issue filled from the library before anybody writes, and what is offered to it later."""
