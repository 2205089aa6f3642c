"""What people read and type at a terminal, in Chinese and English; the page is its counterpart in web/."""
