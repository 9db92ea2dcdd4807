"""A catalogue of damage: what people, programs and malice do to what a hub reads, and what each must end in."""
