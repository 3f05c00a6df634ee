"""The screens of the console: a file for each subject, over the services that the command line calls too."""
