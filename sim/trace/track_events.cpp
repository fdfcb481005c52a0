// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/track_events.h"

namespace aipu::trace {
namespace {

// Fields and codes of Perfetto's protobufs, as far as they are used here.
namespace trace_field {
constexpr std::uint32_t kPacket = 1;
}
namespace packet {
constexpr std::uint32_t kTimestamp = 8, kSequenceId = 10, kTrackEvent = 11, kInternedData = 12,
                        kSequenceFlags = 13, kTrackDescriptor = 60;
}
namespace descriptor {
constexpr std::uint32_t kUuid = 1, kName = 2, kParent = 5, kChildOrdering = 11, kRank = 12,
                        kMergeBehavior = 15;
constexpr std::int32_t kExplicit = 3, kNoMerge = 2;
}  // namespace descriptor
namespace track_event {
constexpr std::uint32_t kAnnotation = 4, kType = 9, kNameIid = 10, kTrackUuid = 11;
constexpr std::int32_t kBegin = 1, kEnd = 2, kInstant = 3;
}  // namespace track_event
namespace annotation {
constexpr std::uint32_t kNameIid = 1, kUint = 3, kTextIid = 17;
}
namespace interned {
constexpr std::uint32_t kEventNames = 2, kAnnotationNames = 3, kTexts = 29;
constexpr std::uint32_t kIid = 1, kText = 2;  // of each entry
}  // namespace interned

constexpr std::uint32_t kSequence = 1;
constexpr std::uint32_t kStateCleared = 1, kNeedsState = 2;  // bits of the sequence flags
constexpr std::uint64_t kPsPerNs = 1000;

}  // namespace

TrackEvents::TrackEvents()
    : event_names_(interned::kEventNames),
      argument_names_(interned::kAnnotationNames),
      texts_(interned::kTexts) {}

std::uint64_t TrackEvents::track(const std::string& name, std::uint64_t parent) {
  protozero::pbf_writer packet(trace_, trace_field::kPacket);
  packet.add_uint32(packet::kSequenceId, kSequence);
  protozero::pbf_writer track(packet, packet::kTrackDescriptor);
  track.add_uint64(descriptor::kUuid, ++tracks_);
  track.add_string(descriptor::kName, name);
  if (parent != 0) track.add_uint64(descriptor::kParent, parent);
  track.add_enum(descriptor::kChildOrdering, descriptor::kExplicit);
  track.add_int32(descriptor::kRank, static_cast<std::int32_t>(tracks_));
  track.add_enum(descriptor::kMergeBehavior, descriptor::kNoMerge);
  return tracks_;
}

std::uint64_t TrackEvents::intern(Interned& strings, std::string_view text) {
  const auto known = strings.numbers.find(text);
  if (known != strings.numbers.end()) return known->second;
  const std::uint64_t number = strings.numbers.size() + 1;
  strings.numbers.emplace(text, number);
  protozero::pbf_writer data(interned_);
  protozero::pbf_writer entry(data, strings.field);
  entry.add_uint64(interned::kIid, number);
  entry.add_string(interned::kText, text.data(), text.size());
  return number;
}

void TrackEvents::event(std::uint32_t type, std::uint64_t track, std::uint64_t at_ps,
                        std::string_view name, const std::vector<Argument>& arguments) {
  std::string body;
  {
    protozero::pbf_writer event(body);
    event.add_enum(track_event::kType, static_cast<std::int32_t>(type));
    event.add_uint64(track_event::kTrackUuid, track);
    if (!name.empty()) event.add_uint64(track_event::kNameIid, intern(event_names_, name));
    for (const Argument& argument : arguments) {
      const std::uint64_t text = argument.text.empty() ? 0 : intern(texts_, argument.text);
      const std::uint64_t number = intern(argument_names_, argument.name);
      protozero::pbf_writer one(event, track_event::kAnnotation);
      one.add_uint64(annotation::kNameIid, number);
      text != 0 ? one.add_uint64(annotation::kTextIid, text)
                : one.add_uint64(annotation::kUint, argument.number);
    }
  }
  protozero::pbf_writer packet(trace_, trace_field::kPacket);
  packet.add_uint64(packet::kTimestamp, at_ps / kPsPerNs);
  packet.add_uint32(packet::kSequenceId, kSequence);
  packet.add_uint32(packet::kSequenceFlags, begun_ ? kNeedsState : kStateCleared | kNeedsState);
  begun_ = true;
  if (!interned_.empty()) packet.add_message(packet::kInternedData, interned_);
  interned_.clear();
  packet.add_message(packet::kTrackEvent, body);
}

void TrackEvents::slice(std::uint64_t track, std::uint64_t begin_ps, std::uint64_t end_ps,
                        std::string_view name, const std::vector<Argument>& arguments) {
  event(track_event::kBegin, track, begin_ps, name, arguments);
  event(track_event::kEnd, track, end_ps, {}, {});
}

void TrackEvents::instant(std::uint64_t track, std::uint64_t at_ps, std::string_view name,
                          const std::vector<Argument>& arguments) {
  event(track_event::kInstant, track, at_ps, name, arguments);
}

}  // namespace aipu::trace
