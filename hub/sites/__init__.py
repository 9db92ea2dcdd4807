"""What sites are asked, the workbook that they answer in, and the desk where it is taken."""
