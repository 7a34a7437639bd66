"""分析台: masked views of the warehouse, asked in read-only SQL."""
