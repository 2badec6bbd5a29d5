"""Pages: a report's figures as words, plots and tables, in HTML and PDF. They count nothing themselves."""
