"""Reading side: transport → pages → records, behind one `Client`."""
