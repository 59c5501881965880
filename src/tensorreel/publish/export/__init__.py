"""One forward pass for other programs: every tensor by name, a workbook that computes, a notebook."""
