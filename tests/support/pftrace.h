// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

namespace aipu::test {

/// A Perfetto trace as its viewer understands it. Reads the protobuf wire format itself, so that it
/// shares nothing with the writer; throws std::runtime_error for what it does not understand.
class PfTrace {
 public:
  struct Event {
    std::string track;  ///< names from the root, joined by '/'
    std::string name;
    std::uint64_t begin = 0, end = 0;  ///< ns
    bool instant = false;
    std::map<std::string, std::uint64_t> numbers;
    std::map<std::string, std::string> texts;
  };

  explicit PfTrace(const std::string& gzipped) {
    const std::string bytes = unzip(gzipped);
    for (Reader trace(bytes); trace.next();) {
      expect(trace.field == 1, "packet");
      read_packet(trace.bytes);
    }
    for (const auto& [track, open] : open_)
      expect(open.empty(), "end of every slice");
  }
  const std::vector<Event>& events() const { return events_; }
  const std::map<std::uint64_t, std::string>& tracks() const { return tracks_; }

 private:
  /// The fields of one message.
  struct Reader {
    explicit Reader(std::string_view all) : rest(all) {}
    bool next() {
      if (rest.empty()) return false;
      const std::uint64_t key = varint();
      field = static_cast<std::uint32_t>(key >> 3U);
      if ((key & 7U) == 0) {
        number = varint();
      } else {
        expect((key & 7U) == 2, "wire type");
        const std::uint64_t length = varint();
        expect(length <= rest.size(), "length");
        bytes = rest.substr(0, length);
        rest.remove_prefix(length);
      }
      return true;
    }
    std::uint64_t varint() {
      std::uint64_t value = 0;
      for (unsigned shift = 0; shift < 64; shift += 7) {
        expect(!rest.empty(), "varint");
        const auto byte = static_cast<std::uint8_t>(rest.front());
        rest.remove_prefix(1);
        value |= std::uint64_t{byte & 0x7fU} << shift;
        if (byte < 0x80) return value;
      }
      throw std::runtime_error("trace: endless varint");
    }
    std::string_view rest, bytes;
    std::uint32_t field = 0;
    std::uint64_t number = 0;
  };

  static void expect(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string("trace: bad ") + what);
  }
  static std::string unzip(const std::string& bytes) {
    std::string out;
    z_stream stream{};
    expect(inflateInit2(&stream, 15 + 16) == Z_OK, "zlib");
    std::string input = bytes;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    std::vector<char> piece(65536);
    for (int status = Z_OK; status != Z_STREAM_END;) {
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = static_cast<uInt>(piece.size());
      status = inflate(&stream, Z_NO_FLUSH);
      expect(status == Z_OK || status == Z_STREAM_END, "gzip");
      out.append(piece.data(), piece.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    return out;
  }

  void read_packet(std::string_view bytes) {
    std::uint64_t time = 0;
    std::string_view event, interned;
    for (Reader packet(bytes); packet.next();) {
      if (packet.field == 8) time = packet.number;
      if (packet.field == 11) event = packet.bytes;
      if (packet.field == 12) interned = packet.bytes;
      if (packet.field == 60) read_track(packet.bytes);
    }
    for (Reader data(interned); data.next();)
      read_string(strings_[data.field], data.bytes);
    if (!event.empty()) read_event(event, time);
  }
  static void read_string(std::map<std::uint64_t, std::string>& strings, std::string_view bytes) {
    std::uint64_t id = 0;
    std::string text;
    for (Reader entry(bytes); entry.next();) {
      if (entry.field == 1) id = entry.number;
      if (entry.field == 2) text = entry.bytes;
    }
    expect(id != 0 && strings.emplace(id, text).second, "interned string");
  }
  void read_track(std::string_view bytes) {
    std::uint64_t id = 0, parent = 0;
    std::string name;
    for (Reader track(bytes); track.next();) {
      if (track.field == 1) id = track.number;
      if (track.field == 2) name = track.bytes;
      if (track.field == 5) parent = track.number;
    }
    const std::string path = parent == 0 ? name : tracks_.at(parent) + "/" + name;
    expect(id != 0 && tracks_.emplace(id, path).second, "track");
  }
  void read_event(std::string_view bytes, std::uint64_t time) {
    Event event;
    std::uint64_t type = 0, track = 0;
    for (Reader fields(bytes); fields.next();) {
      if (fields.field == 9) type = fields.number;
      if (fields.field == 11) track = fields.number;
      if (fields.field == 10) event.name = strings_[2].at(fields.number);
      if (fields.field == 4) read_argument(fields.bytes, event);
    }
    event.track = tracks_.at(track);
    event.begin = event.end = time;
    event.instant = type == 3;
    auto& open = open_[track];
    if (type == 2) {
      expect(!open.empty(), "end");
      events_[open.back()].end = time;
      open.pop_back();
      return;
    }
    expect(type == 1 || type == 3, "event type");
    if (type == 1) open.push_back(events_.size());
    events_.push_back(event);
  }
  void read_argument(std::string_view bytes, Event& event) {
    std::string name;
    std::uint64_t number = 0, text = 0;
    for (Reader argument(bytes); argument.next();) {
      if (argument.field == 1) name = strings_[3].at(argument.number);
      if (argument.field == 3) number = argument.number;
      if (argument.field == 17) text = argument.number;
    }
    if (text != 0) {
      event.texts[name] = strings_[29].at(text);
    } else {
      event.numbers[name] = number;
    }
  }

  std::map<std::uint64_t, std::string> tracks_;
  std::map<std::uint32_t, std::map<std::uint64_t, std::string>> strings_;
  std::map<std::uint64_t, std::vector<std::size_t>> open_;
  std::vector<Event> events_;
};

}  // namespace aipu::test
