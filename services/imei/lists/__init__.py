"""Lists of serials: read and judged (staging), published as a whole (publishing), asked for and shown (importing)."""
