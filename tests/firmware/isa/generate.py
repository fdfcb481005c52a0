#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a self-checking assembly program: generate.py PROGRAM XLEN OUTPUT.

Every expected value is computed here from the text of the instruction set manual, independently of
the model: corner operands first, then pseudo-random ones with a fixed seed.
"""
import random
import sys

XLEN = int(sys.argv[2])
MASK = (1 << XLEN) - 1
RANDOM = random.Random(20240229 + XLEN)


def signed(value, bits=XLEN):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def corners():
    words = [0, 1, 2, 7, 31, 32, 0x7FF, 0x800, 0xFFF, 0x12345678, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
    values = words + [-w for w in words]
    if XLEN == 64:
        values += [0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFF80000000, 0x0123456789ABCDEF]
    return sorted({v & MASK for v in values})


def truncate_divide(a, b):
    quotient = abs(a) // abs(b)
    return -quotient if (a < 0) != (b < 0) else quotient


def divide(a, b, bits, is_signed):
    """Quotient and remainder as the manual defines them for zero divisors and overflow."""
    a, b = (signed(a, bits), signed(b, bits)) if is_signed else (a % (1 << bits), b % (1 << bits))
    if b == 0:
        return -1, a
    quotient = truncate_divide(a, b)
    return quotient, a - quotient * b


def w(value):
    return signed(value, 32)


REGISTER = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b,
    "sll": lambda a, b: a << (b % XLEN), "srl": lambda a, b: a >> (b % XLEN),
    "sra": lambda a, b: signed(a) >> (b % XLEN),
    "slt": lambda a, b: signed(a) < signed(b), "sltu": lambda a, b: a < b,
    "xor": lambda a, b: a ^ b, "or": lambda a, b: a | b, "and": lambda a, b: a & b,
    "mul": lambda a, b: a * b, "mulh": lambda a, b: (signed(a) * signed(b)) >> XLEN,
    "mulhsu": lambda a, b: (signed(a) * b) >> XLEN, "mulhu": lambda a, b: (a * b) >> XLEN,
    "div": lambda a, b: divide(a, b, XLEN, True)[0], "rem": lambda a, b: divide(a, b, XLEN, True)[1],
    "divu": lambda a, b: divide(a, b, XLEN, False)[0], "remu": lambda a, b: divide(a, b, XLEN, False)[1],
}
REGISTER_W = {
    "addw": lambda a, b: w(a + b), "subw": lambda a, b: w(a - b),
    "sllw": lambda a, b: w(a << (b % 32)), "srlw": lambda a, b: w((a & 0xFFFFFFFF) >> (b % 32)),
    "sraw": lambda a, b: w(a) >> (b % 32), "mulw": lambda a, b: w(a * b),
    "divw": lambda a, b: w(divide(a, b, 32, True)[0]), "remw": lambda a, b: w(divide(a, b, 32, True)[1]),
    "divuw": lambda a, b: w(divide(a, b, 32, False)[0]), "remuw": lambda a, b: w(divide(a, b, 32, False)[1]),
}
IMMEDIATE = {
    "addi": REGISTER["add"], "slti": REGISTER["slt"], "sltiu": REGISTER["sltu"],
    "xori": REGISTER["xor"], "ori": REGISTER["or"], "andi": REGISTER["and"],
}
SHIFT = {"slli": REGISTER["sll"], "srli": REGISTER["srl"], "srai": REGISTER["sra"]}
SHIFT_W = {"slliw": REGISTER_W["sllw"], "srliw": REGISTER_W["srlw"], "sraiw": REGISTER_W["sraw"]}
if XLEN == 64:
    REGISTER.update(REGISTER_W)
    IMMEDIATE["addiw"] = REGISTER_W["addw"]


class Program:
    def __init__(self):
        self.lines = ['#include "check.inc"', "program"]
        self.number = 0

    def emit(self, *lines):
        self.lines += lines

    def li(self, register, value):
        self.emit(f"  li {register}, {value & MASK:#x}")

    def check(self, register, value):
        self.number += 1
        self.emit(f"  check {self.number}, {register}, {int(value) & MASK:#x}")

    def text(self):
        return "\n".join(self.lines + ["  finish", ""])


def sample(values, count):
    return RANDOM.sample(values, count) + [RANDOM.getrandbits(XLEN) for _ in range(2)]


def alu(p):
    values = corners()
    for op, rule in REGISTER.items():
        pairs = [(a, b) for a in sample(values, 9) for b in sample(values, 7)]
        pairs += [(1 << (XLEN - 1), MASK), (5, 0), (MASK, 0), (1 << 31, MASK)]
        for a, b in pairs:
            p.li("t0", a)
            p.li("t1", b)
            p.emit(f"  {op} t2, t0, t1")
            p.check("t2", rule(a, b))
        a, b = values[3], values[-2]  # the same register twice, as target, and x0
        p.li("t0", a)
        p.emit(f"  {op} t1, t0, t0")
        p.check("t1", rule(a, a))
        p.li("t1", b)
        p.emit(f"  {op} t0, t0, t1")
        p.check("t0", rule(a, b))
        p.emit(f"  {op} zero, t0, t1", f"  {op} t2, zero, t1")
        p.check("zero", 0)
        p.check("t2", rule(0, b))


def immediate(p):
    for op, rule in IMMEDIATE.items():
        for a in sample(corners(), 10):
            for imm in (-2048, -1, 0, 1, 2047, RANDOM.randint(-2048, 2047)):
                p.li("t0", a)
                p.emit(f"  {op} t1, t0, {imm}")
                p.check("t1", rule(a, imm & MASK))
    groups = [(SHIFT, XLEN)] + ([(SHIFT_W, 32)] if XLEN == 64 else [])
    for shifts, width in groups:
        for op, rule in shifts.items():
            for a in sample(corners(), 8):
                for amount in (0, 1, 15, width - 1, RANDOM.randrange(width)):
                    p.li("t0", a)
                    p.emit(f"  {op} t1, t0, {amount}")
                    p.check("t1", rule(a, amount))
    for value in (0, 1, 0x7FFFF, 0x80000, 0xFFFFF):
        p.emit(f"  lui t0, {value:#x}")
        p.check("t0", w(value << 12))
        p.emit(f"1:\n  auipc t0, {value:#x}", "  la t1, 1b", "  sub t0, t0, t1")
        p.check("t0", w(value << 12))


LOADS = [("lb", 1, True), ("lbu", 1, False), ("lh", 2, True), ("lhu", 2, False), ("lw", 4, True)]
STORES = [("sb", 1), ("sh", 2), ("sw", 4)]
if XLEN == 64:
    LOADS += [("lwu", 4, False), ("ld", 8, True)]
    STORES += [("sd", 8)]


def memory(p):
    data = bytes(RANDOM.getrandbits(8) for _ in range(64))
    p.emit("  la s0, data", "  la s1, buffer")
    for op, size, is_signed in LOADS:  # aligned and misaligned alike
        for offset in range(0, 17):
            value = int.from_bytes(data[offset:offset + size], "little")
            p.emit(f"  {op} t0, {offset}(s0)")
            p.check("t0", signed(value, 8 * size) if is_signed else value)
            p.emit(f"  addi t1, s0, 64", f"  {op} t1, {offset - 64}(t1)")
            p.check("t1", signed(value, 8 * size) if is_signed else value)
    content = bytearray(64)
    for op, size in STORES:
        for offset in range(0, 17):
            value = RANDOM.getrandbits(XLEN)
            content[offset:offset + size] = (value % (1 << (8 * size))).to_bytes(size, "little")
            p.li("t0", value)
            p.emit(f"  {op} t0, {offset}(s1)")
            for at in range(0, 24, 4):
                p.emit(f"  lw t1, {at}(s1)")
                p.check("t1", signed(int.from_bytes(content[at:at + 4], "little"), 32))
    p.emit("  .data", "  .align 4", "data:", "  .byte " + ", ".join(map(str, data)), "buffer:",
           "  .zero 64", "  .section .text.init")


BRANCHES = {
    "beq": lambda a, b: a == b, "bne": lambda a, b: a != b,
    "blt": lambda a, b: signed(a) < signed(b), "bge": lambda a, b: signed(a) >= signed(b),
    "bltu": lambda a, b: a < b, "bgeu": lambda a, b: a >= b,
}


def branch(p):
    for op, rule in BRANCHES.items():
        for a in sample(corners(), 7):
            for b in sample(corners(), 5) + [a]:
                p.li("t0", a)
                p.li("t1", b)
                p.emit("  li t2, 0", f"  {op} t0, t1, 1f", "  li t2, 1", "1:")
                p.check("t2", not rule(a, b))
                p.emit("  li t2, 0", "  j 2f", "1:", "  li t2, 1", "  j 3f", "2:",
                       f"  {op} t0, t1, 1b", "3:")
                p.check("t2", rule(a, b))
    p.emit("  jal t0, 1f", "2:", "  j 3f", "1:", "  la t1, 2b", "  sub t0, t0, t1")
    p.check("t0", 0)
    p.emit("  jr t1", "3:", "  la t0, 4f + 1", "  jalr t0, 0(t0)  # bit 0 is cleared, rd = rs1",
           "5:", "  li t0, 0", "4:", "  la t1, 5b", "  sub t0, t0, t1")
    p.check("t0", 0)
    p.emit("  la t0, 6f - 100", "  jalr zero, 100(t0)", "  j fail", "6:", "  la t0, 7f + 2000",
           "  jalr t1, -2000(t0)", "  j fail", "7:")


def atomic(p):
    rules = {
        "amoswap": lambda m, r, b: r, "amoadd": lambda m, r, b: m + r, "amoxor": lambda m, r, b: m ^ r,
        "amoand": lambda m, r, b: m & r, "amoor": lambda m, r, b: m | r,
        "amomin": lambda m, r, b: min(signed(m, b), signed(r, b)),
        "amomax": lambda m, r, b: max(signed(m, b), signed(r, b)),
        "amominu": lambda m, r, b: min(m % (1 << b), r % (1 << b)),
        "amomaxu": lambda m, r, b: max(m % (1 << b), r % (1 << b)),
    }
    widths = [("w", 32)] + ([("d", 64)] if XLEN == 64 else [])
    p.emit("  la s0, cell")
    for suffix, bits in widths:
        load, store = ("lw", "sw") if bits == 32 else ("ld", "sd")
        for op, rule in rules.items():
            for order in ("", ".aq", ".rl", ".aqrl"):
                for m, r in [(a, b) for a in sample(corners(), 3) for b in sample(corners(), 2)]:
                    p.li("t0", m)
                    p.li("t1", r)
                    p.emit(f"  {store} t0, 0(s0)", f"  {op}.{suffix}{order} t2, t1, (s0)",
                           f"  {load} t3, 0(s0)")
                    p.check("t2", signed(m, bits))
                    p.check("t3", signed(rule(m, r, bits), bits))
            p.li("t1", 5)  # rd = rs2
            p.li("t0", 3)
            p.emit(f"  {store} t0, 0(s0)", f"  {op}.{suffix} t1, t1, (s0)")
            p.check("t1", 3)
        p.li("t0", -7)
        p.emit(f"  {store} t0, 0(s0)", f"  lr.{suffix} t1, (s0)", "  li t2, 9",
               f"  sc.{suffix} t3, t2, (s0)", f"  {load} t4, 0(s0)")
        p.check("t1", -7)
        p.check("t3", 0)
        p.check("t4", 9)
        p.emit("  li t2, 10", f"  sc.{suffix} t3, t2, (s0)", f"  {load} t4, 0(s0)")  # no reservation
        p.check("t3", 1)
        p.check("t4", 9)
        p.emit("  addi s1, s0, 16", f"  lr.{suffix} t1, (s0)", f"  sc.{suffix} t3, t2, (s1)",
               f"  {load} t4, 0(s1)")  # a reservation elsewhere
        p.check("t3", 1)
        p.check("t4", 0)
        p.emit(f"  sc.{suffix} t3, t2, (s0)")  # which the failed sc has ended
        p.check("t3", 1)
    p.emit("  .data", "  .align 6", "cell:", "  .zero 64", "  .section .text.init")


def compressed(p):
    p.emit("  .option push", "  .option rvc", "  la s0, cell", "  mv s1, sp")
    for imm in (-32, -1, 1, 31):
        p.emit(f"  c.li a1, {imm}")
        p.check("a1", imm)
        p.emit(f"  c.addi a1, {imm}")
        p.check("a1", 2 * imm)
        p.emit(f"  c.andi a1, {imm}")
        p.check("a1", (2 * imm) & imm)
    for value in (1, 31, 0xFFFE0, 0xFFFFF):
        p.emit(f"  c.lui a2, {value:#x}")
        p.check("a2", w(value << 12))
    for amount in (1, 17, XLEN - 1):
        value = RANDOM.getrandbits(XLEN)
        for op, rule in (("c.slli", SHIFT["slli"]), ("c.srli", SHIFT["srli"]), ("c.srai", SHIFT["srai"])):
            p.li("a3", value)
            p.emit(f"  {op} a3, {amount}")
            p.check("a3", rule(value, amount))
    two = {"c.sub": "sub", "c.xor": "xor", "c.or": "or", "c.and": "and", "c.add": "add"}
    if XLEN == 64:
        two.update({"c.subw": "subw", "c.addw": "addw"})
    for op, plain in two.items():
        for _ in range(4):
            a, b = RANDOM.getrandbits(XLEN), RANDOM.getrandbits(XLEN)
            p.li("a4", a)
            p.li("a5", b)
            p.emit(f"  {op} a4, a5")
            p.check("a4", REGISTER[plain](a, b))
    p.li("a4", 1234)
    p.emit("  c.mv s11, a4", "  c.nop")
    p.check("s11", 1234)
    for offset in (4, 64, 128, 496, 508, 1020):
        p.emit(f"  c.addi4spn a1, sp, {offset}", "  sub a1, a1, sp")
        p.check("a1", offset)
    for offset in (-512, -16, 16, 496):
        p.emit(f"  c.addi16sp sp, {offset}", "  sub a1, sp, s1", "  mv sp, s1")
        p.check("a1", offset)
    for offset in (0, 4, 32, 64, 124):
        value = RANDOM.getrandbits(31)
        p.li("a1", value)
        p.emit(f"  c.sw a1, {offset}(s0)", f"  c.lw a2, {offset}(s0)", f"  lw a3, {offset}(s0)")
        p.check("a2", value)
        p.check("a3", value)
    p.emit("  mv sp, s0")
    for offset in (0, 4, 32, 64, 128, 252):
        value = RANDOM.getrandbits(31)
        p.li("s11", value)
        p.emit(f"  c.swsp s11, {offset}(sp)", f"  c.lwsp s10, {offset}(sp)", f"  lw a3, {offset}(s0)")
        p.check("s10", value)
        p.check("a3", value)
    if XLEN == 64:
        for offset in (0, 8, 64, 248):
            value = RANDOM.getrandbits(64)
            p.li("a1", value)
            p.emit(f"  c.sd a1, {offset}(s0)", f"  c.ld a2, {offset}(s0)")
            p.check("a2", value)
            p.emit(f"  c.sdsp a1, {offset + 256}(sp)", f"  c.ldsp s10, {offset + 256}(sp)")
            p.check("s10", value)
        for imm in (-32, 0, 31):
            p.li("a1", 0x17FFFFFFF)
            p.emit(f"  c.addiw a1, {imm}")
            p.check("a1", w(0x17FFFFFFF + imm))
    p.emit("  mv sp, s1")
    for value in (0, 1, -1):
        p.li("a1", value)
        p.emit("  c.li a2, 0", "  c.beqz a1, 1f", "  c.li a2, 1", "1:")
        p.check("a2", value != 0)
        p.emit("  c.li a2, 0", "  c.bnez a1, 1f", "  c.li a2, 1", "1:")
        p.check("a2", value == 0)
        p.emit("  c.li a2, 3", "  c.j 2f", "1:", "  c.li a2, 4", "  c.j 3f", "2:", "  c.beqz a1, 1b", "3:")
        p.check("a2", 4 if value == 0 else 3)
    p.emit("  la t0, 1f", "  c.jr t0", "  c.li a2, 9", "1:", "  la t0, 2f", "  c.jalr t0", "3:",
           "  c.j 4f", "2:", "  la t1, 3b", "  sub t1, t1, ra")
    p.check("t1", 0)
    p.emit("  c.jr ra", "4:")
    if XLEN == 32:
        p.emit("  c.jal 5f", "6:", "  c.j 7f", "5:", "  la t1, 6b", "  sub t1, t1, ra")
        p.check("t1", 0)
        p.emit("  c.jr ra", "7:")
    p.emit("  .option pop", "  .bss", "  .align 4", "cell:", "  .zero 512", "  .section .text.init")


def main():
    program = Program()
    {"alu": alu, "immediate": immediate, "memory": memory, "branch": branch, "atomic": atomic,
     "compressed": compressed}[sys.argv[1]](program)
    with open(sys.argv[3], "w", encoding="utf-8") as file:
        file.write("# SPDX-License-Identifier: Apache-2.0\n" + program.text())


main()
