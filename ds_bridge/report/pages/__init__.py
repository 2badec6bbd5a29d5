"""Pages: shows a report's figures as words, plots and tables, in HTML and PDF. Pages count nothing
themselves."""
