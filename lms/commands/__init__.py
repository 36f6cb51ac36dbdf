"""The commands of ``lms``; each imports what is heavy when it runs, so that the help is quick."""
