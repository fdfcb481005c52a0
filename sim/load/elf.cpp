// SPDX-License-Identifier: Apache-2.0
#include "sim/load/elf.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <gelf.h>
#include <unistd.h>

#include "hw/base/error.h"

namespace aipu::load {
namespace {

/// The bytes of an ELF file and their libelf handle.
class File {
 public:
  File(std::vector<std::uint8_t> bytes, const std::string& path)
      : path_(path), bytes_(std::move(bytes)) {
    elf_version(EV_CURRENT);
    if (!bytes_.empty()) elf_ = elf_memory(reinterpret_cast<char*>(bytes_.data()), bytes_.size());
  }
  ~File() { elf_end(elf_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  ::Elf* elf() const { return elf_; }
  std::uint64_t size() const { return bytes_.size(); }
  [[noreturn]] void refuse(const std::string& why) const {
    throw UserError(ExitCode::kUsage, path_ + ": " + why);
  }
  std::vector<std::uint8_t> read(std::uint64_t offset, std::uint64_t bytes) const {
    if (offset > size() || bytes > size() - offset) throw IoError(path_, "the file ends early");
    const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(offset);
    return {begin, begin + static_cast<std::ptrdiff_t>(bytes)};
  }

 private:
  std::string path_;
  std::vector<std::uint8_t> bytes_;
  ::Elf* elf_ = nullptr;
};

std::vector<std::uint8_t> read_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY);
  if (descriptor < 0) throw IoError(path, std::strerror(errno));
  std::vector<std::uint8_t> bytes;
  std::array<std::uint8_t, 65536> piece;
  ssize_t n = 0;
  while ((n = ::read(descriptor, piece.data(), piece.size())) > 0) {
    bytes.insert(bytes.end(), piece.begin(), piece.begin() + n);
  }
  const int error = errno;
  ::close(descriptor);
  if (n < 0) throw IoError(path, std::strerror(error));
  return bytes;
}

GElf_Ehdr header_of(const File& file) {
  GElf_Ehdr header{};
  if (elf_kind(file.elf()) != ELF_K_ELF || gelf_getehdr(file.elf(), &header) == nullptr) {
    file.refuse("not an ELF file");
  }
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) file.refuse("big-endian; the hart is little-endian");
  if (header.e_machine != EM_RISCV) {
    file.refuse(fmt::format("ELF machine {} is not RISC-V ({})", header.e_machine, EM_RISCV));
  }
  if (header.e_type != ET_EXEC) {
    file.refuse("not an executable with fixed addresses (link with -static -no-pie)");
  }
  const std::uint64_t table = std::uint64_t{header.e_phnum} * header.e_phentsize;
  if (header.e_phoff > file.size() || table > file.size() - header.e_phoff) {
    file.refuse("truncated: the program headers are cut off");
  }
  return header;
}

Elf::Segment segment_of(const File& file, const GElf_Phdr& program, unsigned xlen) {
  const std::uint64_t top = xlen == 32 ? 1ULL << 32U : ~std::uint64_t{0};
  const std::uint64_t size = file.size();
  if (program.p_offset > size || program.p_filesz > size - program.p_offset) {
    file.refuse(
        fmt::format("truncated: a segment of {} bytes at offset {} does not fit in {} bytes",
                    program.p_filesz, program.p_offset, size));
  }
  if (program.p_filesz > program.p_memsz || program.p_paddr > top ||
      program.p_memsz > top - program.p_paddr) {
    file.refuse(fmt::format("segment at {:#x} has impossible sizes", program.p_paddr));
  }
  Elf::Segment segment;
  segment.address = program.p_paddr;
  segment.memory_bytes = program.p_memsz;
  segment.executable = (program.p_flags & PF_X) != 0;
  segment.writable = (program.p_flags & PF_W) != 0;
  segment.bytes = file.read(program.p_offset, program.p_filesz);
  return segment;
}

void read_segments(const File& file, Elf& out) {
  std::size_t count = 0;
  if (elf_getphdrnum(file.elf(), &count) != 0) file.refuse("truncated: no program headers");
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr program{};
    if (gelf_getphdr(file.elf(), static_cast<int>(i), &program) == nullptr) {
      file.refuse("truncated: program headers are cut off");
    }
    if (program.p_type == PT_LOAD && program.p_memsz != 0) {
      out.segments.push_back(segment_of(file, program, out.xlen));
    }
  }
  if (out.segments.empty()) file.refuse("nothing to load: no PT_LOAD segment");
  std::sort(out.segments.begin(), out.segments.end(),
            [](const Elf::Segment& a, const Elf::Segment& b) { return a.address < b.address; });
  for (std::size_t i = 1; i < out.segments.size(); ++i) {
    if (out.segments[i].address < out.segments[i - 1].end()) {
      file.refuse(fmt::format("segments at {:#x} and {:#x} overlap", out.segments[i - 1].address,
                              out.segments[i].address));
    }
  }
}

void check_entry(const File& file, const Elf& elf) {
  for (const Elf::Segment& segment : elf.segments) {
    if (elf.entry >= segment.address && elf.entry < segment.end()) return;
  }
  file.refuse(fmt::format("entry point {:#x} lies in no segment", elf.entry));
}

void read_symbols(const File& file, Elf& out) {
  for (Elf_Scn* section = elf_nextscn(file.elf(), nullptr); section != nullptr;
       section = elf_nextscn(file.elf(), section)) {
    GElf_Shdr header{};
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_SYMTAB) continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr || header.sh_entsize == 0)
      file.refuse("truncated: symbol table is cut off");
    const auto count = static_cast<int>(header.sh_size / header.sh_entsize);
    for (int i = 0; i < count; ++i) {
      GElf_Sym symbol{};
      if (gelf_getsym(data, i, &symbol) == nullptr) break;
      const char* name = elf_strptr(file.elf(), header.sh_link, symbol.st_name);
      const auto type = GELF_ST_TYPE(symbol.st_info);
      if (name == nullptr || *name == '\0' || *name == '$' || type == STT_SECTION ||
          type == STT_FILE || symbol.st_shndx == SHN_UNDEF) {
        continue;
      }
      out.symbols.emplace(name, symbol.st_value);
    }
  }
}

/// `.hc_markers` is a list of {32-bit number, name, zero}; what is cut off is left out.
void read_markers(const File& file, Elf& out) {
  std::size_t names = 0;
  if (elf_getshdrstrndx(file.elf(), &names) != 0) return;
  for (Elf_Scn* section = elf_nextscn(file.elf(), nullptr); section != nullptr;
       section = elf_nextscn(file.elf(), section)) {
    GElf_Shdr header{};
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_PROGBITS) continue;
    const char* name = elf_strptr(file.elf(), names, header.sh_name);
    if (name == nullptr || std::strcmp(name, ".hc_markers") != 0) continue;
    const auto bytes = file.read(header.sh_offset, header.sh_size);
    std::size_t at = 0;
    std::uint32_t number = 0;
    while (bytes.size() - at > sizeof number) {
      std::memcpy(&number, &bytes[at], sizeof number);
      const auto text = bytes.begin() + static_cast<std::ptrdiff_t>(at + sizeof number);
      const auto end = std::find(text, bytes.end(), 0);
      if (end == bytes.end()) break;
      out.markers.emplace(number, std::string(text, end));
      at = static_cast<std::size_t>(end - bytes.begin()) + 1;
    }
  }
}

}  // namespace

std::optional<std::uint64_t> Elf::symbol(const std::string& name) const {
  const auto found = symbols.find(name);
  if (found == symbols.end()) return std::nullopt;
  return found->second;
}

std::string Elf::describe(std::uint64_t address) const {
  const std::string* best = nullptr;
  std::uint64_t best_value = 0;
  for (const auto& [name, value] : symbols) {
    if (value > address || (best != nullptr && value < best_value)) continue;
    if (best != nullptr && value == best_value && name[0] == '.') continue;
    best = &name;
    best_value = value;
  }
  if (best == nullptr) return {};
  return address == best_value ? *best : fmt::format("{}+{:#x}", *best, address - best_value);
}

namespace {

Elf parse(const File& file) {
  const GElf_Ehdr header = header_of(file);
  Elf out;
  out.xlen = header.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32;
  out.entry = header.e_entry;
  read_segments(file, out);
  check_entry(file, out);
  read_symbols(file, out);
  read_markers(file, out);
  return out;
}

}  // namespace

Elf read_elf(const std::string& path) {
  return parse(File(read_file(path), path));
}

Elf parse_elf(const std::uint8_t* begin, const std::uint8_t* end, const std::string& name) {
  return parse(File({begin, end}, name));
}

}  // namespace aipu::load
