"""For the teacher: release exercises, grade them in a sandbox, give feedback, export the marks."""
