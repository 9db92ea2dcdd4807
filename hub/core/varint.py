"""Whole numbers as Avro writes them."""


def zigzag(value: int) -> bytes:
    """Avro's int or long: zigzag, seven bits a byte. Short ones, which are nearly all, take no loop."""
    value = value << 1 ^ value >> 63
    if value < 128:
        return bytes((value,))
    if value < 1 << 14:
        return bytes((value & 127 | 128, value >> 7))
    if value < 1 << 21:
        return bytes((value & 127 | 128, value >> 7 & 127 | 128, value >> 14))
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
