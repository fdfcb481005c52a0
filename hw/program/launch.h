/* SPDX-License-Identifier: Apache-2.0
 *
 * The program format: what the host writes into HBM and firmware walks. C11 and C++17.
 * hw/docs/programming_model.md, "Programs", says how it is used.
 */
#ifndef HW_PROGRAM_LAUNCH_H
#define HW_PROGRAM_LAUNCH_H

#include <stdint.h>

#include "hw/program/args_attention.h"
#include "hw/program/args_dense.h"
#include "hw/program/args_moe.h"
#include "hw/program/args_rows.h"

/* The header of the program list lies at HBM offset 0, entries follow at HC_PROGRAM_ENTRIES. */
#define HC_PROGRAM_MAGIC 0x31504348u /* "HCP1" */
#define HC_PROGRAM_SEGMENTS 6u
#define HC_PROGRAM_ENTRIES 256u
#define HC_LAUNCH_BYTES 256u
#define HC_LAUNCH_RING_SLOTS 8u
#define HC_LAUNCH_RING_OFFSET 0x1e000u /* of the ring in every core's SRAM */

/* Counters of a core and what a wait for them means (hw/program/counters.h names them). */
enum hc_counter {
  HC_COUNTER_PHASE = 0,        /* adds of finished kernels, from every core of the AIPU */
  HC_COUNTER_GATHER = 1,       /* parts of a collective that landed, from every rank */
  HC_COUNTER_REDUCE = 2,       /* partial sums that landed in the inbox */
  HC_COUNTER_LAUNCH = 3,       /* launch entries received */
  HC_COUNTER_FILLED = 8,       /* tiles that landed in the stream ring */
  HC_COUNTER_FREED = 9,        /* tiles of the stream ring that were consumed */
  HC_COUNTER_INPUT = 10,       /* activations that landed */
  HC_COUNTER_INPUT_FREED = 11, /* tiles of the input ring that were consumed */
  HC_COUNTER_MAC = 12,         /* tensor commands done */
  HC_COUNTER_VECTOR = 13,      /* vector commands done */
  HC_COUNTER_STORED = 14,      /* stores done */
  HC_COUNTER_SENT = 15,        /* DirectCom messages done */
  HC_COUNTER_LOADED = 16,      /* control data that landed */
  /* On the chip-control core, one for each slot of the launch ring: cores that are done with it.
   * One for all slots would not do: cores that skip entries run ahead and would free slots of
   * others. */
  HC_COUNTER_SLOT_FREED = 32,
  /* On compute cores: parts of a collective that landed in slot i of HC_COLLECTIVE_COUNTERS. */
  HC_COUNTER_LANDED = 48
};

enum hc_kernel {
  HC_KERNEL_POSITION = 0, /* sets or advances the position of the first row */
  HC_KERNEL_EXIT = 1,     /* waits for everything before it and ends the hart */
  HC_KERNEL_EMBED = 2,
  HC_KERNEL_NORM = 3,
  HC_KERNEL_GEMM = 4,
  HC_KERNEL_ROPE = 5,
  HC_KERNEL_ATTENTION = 6,
  HC_KERNEL_MERGE = 7,
  HC_KERNEL_REDUCE = 8,
  HC_KERNEL_CANDIDATES = 9,
  HC_KERNEL_SAMPLE = 10,
  HC_KERNEL_SEND = 11,
  HC_KERNEL_COLLECTIVE = 12,
  HC_KERNEL_STREAM = 13,
  HC_KERNEL_ROWS = 16,  /* a row operation over a matrix */
  HC_KERNEL_TOP_K = 17, /* sorted lists of the best columns */
  HC_KERNEL_DRAW = 18,  /* a token from each list */
  HC_KERNEL_MATMUL = 24,
  HC_KERNEL_FLASH = 32,       /* attention over dense or paged caches */
  HC_KERNEL_FLASH_MERGE = 33, /* joins its partial results */
  HC_KERNEL_APPEND = 34,      /* rows into a cache */
  HC_KERNEL_TRANSFER = 35,    /* pages of a cache to another AIPU */
  HC_KERNEL_HEADS = 36,       /* a product a head */
  HC_KERNEL_GATE = 40,        /* experts of every token */
  HC_KERNEL_DISPATCH = 41,    /* rows to their experts */
  HC_KERNEL_PACK = 42,        /* what arrived, by expert */
  HC_KERNEL_RETURN = 43,      /* results to where their tokens came from */
  HC_KERNEL_WEIGH = 44,       /* weighted sums of the results */
  HC_KERNEL_COUNT = 45
};

enum hc_collective {
  HC_COLLECTIVE_BARRIER = 0,
  HC_COLLECTIVE_REDUCE = 1,    /* one-shot and two-shot all-reduce, reduce-scatter */
  HC_COLLECTIVE_RING = 2,      /* all-reduce round the ring of ranks */
  HC_COLLECTIVE_EXCHANGE = 3,  /* all-to-all, all-gather */
  HC_COLLECTIVE_BROADCAST = 4, /* the root scatters, whoever has a slice passes it on */
  HC_COLLECTIVE_DISPATCH = 5,  /* rows to every rank, as many as a table in memory says */
  HC_COLLECTIVE_COMBINE = 6,   /* the same rows back to where they came from */
  HC_COLLECTIVE_TRANSFER = 7,  /* point to point */
  HC_COLLECTIVE_MULTICAST = 8, /* one slice to all others, copied by the switches */
  HC_COLLECTIVE_IN_SWITCH = 9, /* slices added up and handed out by the switches */
  HC_COLLECTIVE_COUNT = 10
};

/* Slots that parts land in; also the counters from HC_COUNTER_LANDED on that count them. A message
 * into slot i of the turn after is sent only when the one of this turn has been taken. */
#define HC_COLLECTIVE_SLOTS 4u
#define HC_COLLECTIVE_COUNTERS 16u /* of the ring: one a step, used in turn */
#define HC_COLLECTIVE_MOST_RANKS 256u
/* x / n = x * inverse >> 16 for x < 256, n <= 256. */
#define HC_COLLECTIVE_INVERSE(n) (65536u / (n) + 1u)

/* What a GEMM does with a finished column tile. */
enum hc_epilogue {
  HC_EPILOGUE_STORE = 0,  /* converted to out_dtype and stored at out */
  HC_EPILOGUE_SWIGLU = 1, /* columns are (gate, up) pairs: silu(gate) * up is stored */
  HC_EPILOGUE_REDUCE = 2, /* partial sums go to the inbox of the rank that owns the columns */
  HC_EPILOGUE_ARGMAX = 3  /* only the best column of the core is stored */
};

/* Rows of a step: row r is token `position + r % rows_per_sequence` of sequence
 * `first_sequence + r / rows_per_sequence`. Decode: one row a sequence; prefill: one sequence. */
typedef struct {
  uint32_t rows;
  uint32_t rows_per_sequence;
  uint32_t first_sequence;
} hc_rows_t;

typedef struct {
  uint32_t add; /* 1: position += value, 0: position = value */
  uint32_t value;
} hc_position_args_t;

/* x[r] = table[ids[r]], widened to F32. */
typedef struct {
  uint64_t ids;   /* u32 a row */
  uint64_t table; /* rows of `hidden` numbers of `dtype` */
  uint64_t x;     /* F32 [rows x hidden] */
  uint32_t rows, hidden, dtype, reserved;
} hc_embed_args_t;

/* x += delta (unless delta_dtype is HC_NO_DELTA), y = rmsnorm(x) * weight in y_dtype. */
#define HC_NO_DELTA 0xffu
typedef struct {
  uint64_t x, delta, weight, y;
  uint32_t rows, hidden, delta_dtype, y_dtype;
  uint32_t epsilon; /* F32 bits */
  uint32_t reserved;
} hc_norm_args_t;

/* out = a . w by column tiles. Weights are packed for each core at w + core * core_stride: column
 * tiles of tile_n, in each the k tiles of tile_k, row-major, every tile aligned to 64 bytes. */
typedef struct {
  uint64_t a, w, out;
  uint32_t rows, k, cols; /* swiglu: cols counts pairs */
  uint32_t unit;          /* columns are dealt to cores in units */
  uint32_t tile_n, tile_k;
  uint32_t core_stride_lo, core_stride_hi;
  uint32_t dtype, out_dtype, epilogue;
  uint32_t a_stride, out_stride; /* bytes between rows */
  uint32_t resident;             /* 1: all of a fits beside the rings and is loaded once */
  /* reduce: column c belongs to rank c / slice; the inbox of a rank holds one plane of
   * [rows x slice] a source rank. argmax: first_column is added to the index. */
  uint32_t slice, rank, ranks, first_aipu;
  uint32_t first_column;
  uint32_t reserved;
} hc_gemm_args_t;

/* Rotates q and k, converts q, k, v; appends k and v to the cache. qkv: F32 [rows x (q + 2 kv) d].
 */
typedef struct {
  uint64_t qkv, q, table; /* table: F32 cos[d/2], sin[d/2] a position */
  uint64_t k_cache, v_cache;
  uint64_t sequence_stride; /* bytes between sequences of a cache */
  uint64_t head_stride;     /* bytes between its heads */
  hc_rows_t span;
  uint32_t q_heads, kv_heads, head_dim, dtype, kv_dtype;
} hc_rope_args_t;

/* One item is (sequence, kv head, block of block_rows rows, split of the context). */
typedef struct {
  uint64_t q, k_cache, v_cache, out;
  uint64_t partial, state; /* splits > 1: F32 [item][rows x d] and [item][rows x 2] */
  uint64_t sequence_stride, head_stride;
  hc_rows_t span;
  uint32_t q_heads, kv_heads, head_dim, dtype, kv_dtype;
  uint32_t block_rows, splits, tile_positions;
  uint32_t scale; /* F32 bits */
} hc_attention_args_t;

/* Adds the partial planes of the own column slice and puts the sum into `delta` of every rank. */
typedef struct {
  uint64_t inbox, delta;
  uint32_t rows, slice, first_column, columns; /* columns: of this rank, <= slice */
  uint32_t rank, ranks, first_aipu;
  uint32_t dtype, delta_stride, unit;
} hc_reduce_args_t;

/* Best of the cores' candidates, sent to every rank. */
typedef struct {
  uint64_t candidates; /* [core][rows] {F32, u32} */
  uint64_t gathered;   /* [rank][rows] {F32, u32} */
  uint32_t rows, cores, rank, ranks, first_aipu, reserved;
} hc_candidates_args_t;

/* Best of all ranks: the next token ids, written to `ids` here and on the AIPUs of other stages. */
typedef struct {
  uint64_t gathered, ids;
  uint32_t rows, ranks, report; /* report: 1: mail the ids to the host */
  uint32_t keep;                /* only the last row of each sequence samples: rows to skip */
  uint32_t forward_first, forward_count; /* AIPUs that get a copy */
} hc_sample_args_t;

/* x + delta to the x of the same rank in the next pipeline stage. */
typedef struct {
  uint64_t x, delta;
  uint32_t rows, hidden, delta_dtype, destination;
} hc_send_args_t;

/* What came from a rank: rows, and the number of the first among all that it sent. */
typedef struct {
  uint32_t count, first;
} hc_arrival_t;

/* A collective of `ranks` AIPUs from first_aipu on; addresses are the same on all of them. A vector
 * is cut into slices of `slice` bytes, a slice into pieces of `piece` bytes, one for each column of
 * cores, a piece into messages of `chunk` bytes; the last of each may be shorter or empty. Core i
 * is column i % columns of group i / columns; groups share the destinations out, cores beyond the
 * last group only keep the books: a launch names all cores. hw/docs/collectives.md says what each
 * operation does with them. */
typedef struct {
  uint64_t in, out;
  uint64_t counts;  /* dispatch: u32 a rank, rows for it */
  uint64_t arrived; /* hc_arrival_t a rank: dispatch writes it, combine reads it */
  uint32_t operation;
  uint32_t rank, ranks, first_aipu;
  uint32_t bytes, slice, piece, chunk;
  uint32_t columns, groups;
  uint32_t inverse;    /* HC_COLLECTIVE_INVERSE(columns): a division takes a hart 18 cycles */
  uint32_t in_stride;  /* exchange: between what two destinations get, */
  uint32_t out_stride; /* between what comes from two sources */
  uint32_t dtype;
  uint32_t scatter;       /* reduce: 1: a rank adds up its own slice, 0: everything; exchange: 1: a
                             rank gets its own slice, 0: all of it gets every rank's */
  uint32_t gather;        /* reduce: 1: every rank gets every slice, 0: what it has added up */
  uint32_t root;          /* broadcast */
  uint32_t distance;      /* transfer: from the own rank to the one that receives */
  uint32_t lead;          /* exchange: messages sent ahead of those received, 0: any number */
  uint32_t window;        /* messages a core has in flight, 0: as many as its queue holds */
  uint32_t traffic_class; /* of the data */
  uint32_t row;           /* dispatch, combine: bytes of a row */
  uint32_t capacity;      /* most rows from one rank to another */
} hc_collective_args_t;

/* Reads `bytes` of HBM by tiles through the stream ring and does nothing with them: what a kernel
 * that needs every byte once can attain. Bytes are dealt to cores in tiles. */
typedef struct {
  uint64_t src;
  uint64_t bytes;
  uint32_t tile;
} hc_stream_args_t;

typedef struct {
  uint32_t kernel;
  uint32_t first_core, core_count;
  uint32_t phase_signals;  /* adds to `phase` on every core when the kernel is done */
  uint32_t gather_signals; /* adds to `gather` on every core, from all ranks */
  uint32_t reduce_signals; /* adds to `reduce` on every core, from all ranks, during this kernel */
  uint32_t wait_gather; /* extra adds to `gather` that the kernel's inputs need (stage hand-over) */
  uint32_t reserved;
  union {
    hc_position_args_t position;
    hc_embed_args_t embed;
    hc_norm_args_t norm;
    hc_gemm_args_t gemm;
    hc_rope_args_t rope;
    hc_attention_args_t attention;
    hc_reduce_args_t reduce;
    hc_candidates_args_t candidates;
    hc_sample_args_t sample;
    hc_send_args_t send;
    hc_collective_args_t collective;
    hc_stream_args_t stream;
    hc_matmul_args_t matmul;
    hc_flash_args_t flash;
    hc_append_args_t append;
    hc_transfer_args_t transfer;
    hc_heads_args_t heads;
    hc_rows_args_t row_op;
    hc_top_k_args_t top_k;
    hc_draw_args_t draw;
    hc_gate_args_t gate;
    hc_dispatch_args_t dispatch;
    hc_pack_args_t pack;
    hc_return_args_t give_back;
    hc_weigh_args_t weigh;
    uint32_t words[56];
  } args;
} hc_launch_t;

/* Entries [first, first + count) are run `repeat` times, then the next segment. */
typedef struct {
  uint32_t first, count, repeat, reserved;
} hc_segment_t;

typedef struct {
  uint32_t magic;
  uint32_t segments;
  uint32_t reserved[2];
  hc_segment_t segment[HC_PROGRAM_SEGMENTS];
} hc_program_t;

#ifdef __cplusplus
static_assert(sizeof(hc_launch_t) == HC_LAUNCH_BYTES, "a launch entry is 256 bytes");
static_assert(sizeof(hc_program_t) <= HC_PROGRAM_ENTRIES, "the header fits before the entries");
#else
_Static_assert(sizeof(hc_launch_t) == HC_LAUNCH_BYTES, "a launch entry is 256 bytes");
_Static_assert(sizeof(hc_program_t) <= HC_PROGRAM_ENTRIES, "the header fits before the entries");
#endif

#endif
