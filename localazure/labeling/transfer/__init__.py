"""Labels in and out: COCO, JSONL, CSV, and the data asset."""
