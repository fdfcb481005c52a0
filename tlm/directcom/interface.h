// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

#include "hw/directcom/config.h"
#include "hw/directcom/message.h"
#include "hw/directcom/path_choice.h"
#include "hw/directcom/rate.h"
#include "hw/directcom/routes.h"
#include "tlm/core/clock.h"
#include "tlm/core/counter_file.h"
#include "tlm/core/model.h"
#include "tlm/core/ring.h"
#include "tlm/core/time_queue.h"
#include "tlm/core/transaction.h"
#include "tlm/directcom/index_table.h"
#include "tlm/directcom/lane.h"
#include "tlm/directcom/link.h"

namespace aipu::directcom {

/// Who hands messages to an Interface.
class MessageClient {
 public:
  MessageClient() = default;
  MessageClient(const MessageClient&) = delete;
  MessageClient& operator=(const MessageClient&) = delete;
  virtual ~MessageClient() = default;
  /// All bytes have landed and the remote add is done.
  virtual void message_done(void* tag) = 0;
  virtual void message_failed(void* tag, const Violation& violation) = 0;
  /// has_room() was false and may be true now.
  virtual void room() = 0;
};

/// The DirectCom interface of an AIPU: messages of its cores out, packets of other AIPUs in.
///
/// Timing: reads and writes of local memory as the NoC serves them; `interface_latency` between
/// memory (or command) and lane on each side; lanes on the grid of the link clock, one flit a
/// cycle; what arrives acts on the next edge of the core clock (hw/docs/directcom.md). Limits: the
/// far end of a lane gives END_REQ at once.
class Interface : public Model {
 public:
  using LaneOut = tlm_utils::simple_initiator_socket_tagged<Interface>;
  using LaneIn = tlm_utils::passthrough_target_socket_tagged<Interface>;
  using PerClass = std::array<Counter, kClasses>;
  struct Stats : StatGroup {
    Counter messages{*this, "messages", Unit::kCount, "messages of own cores completed"};
    Counter replies{*this, "replies", Unit::kCount, "gets of other AIPUs answered"};
    Counter packets_sent{*this, "packets_sent", Unit::kCount, "packets put on lanes"};
    Counter packets_received{*this, "packets_received", Unit::kCount, "packets off lanes"};
    Counter flits_sent{*this, "flits_sent", Unit::kCount, "flits put on lanes, headers included"};
    Counter flits_received{*this, "flits_received", Unit::kCount, "flits off lanes"};
    Counter local{*this, "local", Unit::kBytes, "bytes of messages to itself"};
    Counter failed{*this, "failed", Unit::kCount, "messages and replies that broke a rule"};
    Counter pulled{*this, "pulled", Unit::kCount, "messages announced by other AIPUs"};
    Counter grants{*this, "grants", Unit::kCount, "grants to announced messages"};
    Counter marked{*this, "marked", Unit::kCount, "packets received with a mark"};
    Counter slow_downs{*this, "slow_downs", Unit::kCount, "own rates cut by a destination"};
    PerClass sent{{{*this, "sent_class0", Unit::kBytes, "payload sent, control"},
                   {*this, "sent_class1", Unit::kBytes, "payload sent, expert"},
                   {*this, "sent_class2", Unit::kBytes, "payload sent, tensor parallel"},
                   {*this, "sent_class3", Unit::kBytes, "payload sent, bulk"}}};
    PerClass received{
        {{*this, "received_class0", Unit::kBytes, "payload received, control"},
         {*this, "received_class1", Unit::kBytes, "payload received, expert"},
         {*this, "received_class2", Unit::kBytes, "payload received, tensor parallel"},
         {*this, "received_class3", Unit::kBytes, "payload received, bulk"}}};
  };

  /// `signals` does the remote adds of messages that arrive; `seed` of the plane choice.
  Interface(const sc_core::sc_module_name& name, const Config& config, Clock core_clock,
            std::uint32_t aipu, std::uint32_t aipu_count, SignalRouter& signals,
            std::uint32_t seed);

  using MemoryOut = tlm_utils::simple_initiator_socket_tagged<Interface, 256>;
  MemoryOut read_out{"read_out"};    ///< to the NoC, Gaddr
  MemoryOut write_out{"write_out"};  ///< to the NoC, Gaddr
  sc_core::sc_vector<LaneOut> lane_out{"lane_out"};
  sc_core::sc_vector<LaneIn> lane_in{"lane_in"};

  /// Masked lanes are left out from now on; without this all lanes lead everywhere.
  void route_by(const Routes& routes) { routes_ = &routes; }
  std::uint32_t aipu() const { return aipu_; }
  std::uint32_t aipu_count() const { return aipu_count_; }
  /// AIPUs that get a copy of a message to Gaddr::kModule; 0: the fabric makes none.
  std::uint32_t copies() const { return copies_; }
  Abilities abilities() const { return {copies_ != 0, adds_ && config_.reduction_packets != 0}; }
  /// Whether submit() may be called for a message of this kind; else calls client.room() later.
  bool has_room(Message::Kind kind, MessageClient& client);
  /// Takes a message; `tag` comes back with its end, never from inside this call.
  void submit(const Message& message, MessageClient& client, void* tag);

  const Stats& stats() const { return stats_; }
  const StatGroup* stat_group() const override { return &stats_; }
  std::uint64_t servers() const override { return lanes_.size(); }
  /// Of all lanes together: busy, no credit, no packet.
  std::vector<TimeShare> time_shares(std::uint64_t now) const override;
  std::vector<TimeShare> lane_shares(std::uint32_t lane, std::uint64_t now) const;
  std::string waiting_for() const override;

 private:
  static constexpr std::uint32_t kReadPort = 0;
  static constexpr std::uint32_t kWritePort = 1;
  static constexpr std::uint64_t kUnasked = ~0ULL;  ///< granted: all, without asking
  enum class Use : std::uint8_t { kFree, kPut, kGet, kNotify, kLocal, kReply, kSum, kPart };
  /// Where a message with bytes to read waits for its next turn.
  enum class Place : std::uint8_t { kNone, kReaders, kTimer, kGrant };
  /// A message being sent, or a get waiting for its answer.
  struct Context {
    Use use = Use::kFree;
    Place place = Place::kNone;
    std::uint8_t generation = 0;
    std::uint8_t rule = 0;          ///< failed by it: reads no more, ends when nothing is under way
    std::uint8_t far_rule = 0;      ///< the first that an acknowledgement named
    bool closed = false;            ///< its commit, reply or abort is on its way
    std::uint16_t reply_to = 0;     ///< kReply: message of the get at the peer
    std::uint32_t acks = 1;         ///< acknowledgements to come
    std::uint32_t active = 0;       ///< reads under way; kLocal: writes too
    std::uint64_t cut = 0;          ///< bytes read, or being read; kSum: asked for
    std::uint64_t granted = 0;      ///< bytes that may be cut; kUnasked where nobody is asked
    std::uint64_t sent = 0;         ///< bytes in packets; kLocal, kSum: landed
    std::uint64_t far_address = 0;  ///< kSum: what broke `far_rule`
    Message message;
    Cursor cursor;
    Pacer pacer;
    MessageClient* client = nullptr;
    void* tag = nullptr;
  };
  /// A message being received.
  struct Receiving {
    std::uint16_t source = 0;
    std::uint16_t message = 0;
    std::uint8_t rule = 0;
    std::uint8_t pace = 0;
    std::uint8_t traffic_class = 0;
    bool announced = false;
    bool queued = false;     ///< waits for a grant
    bool committed = false;  ///< `last` is there: commit, reply or abort
    std::uint64_t landed = 0;
    std::uint64_t expected = 0;
    std::uint64_t granted = 0;  ///< of an announced one, as the next
    std::uint64_t total = 0;
    Packet last;
  };
  /// What is known of another AIPU once there has been traffic to it.
  struct Peer {
    std::array<std::uint32_t, kClasses> staged{};  ///< bytes read ahead of the lanes
    Rate rate;                                     ///< towards it
    Pacer pacer;
    std::uint64_t slow_down_after = 0;                ///< ps: the next one to it not before
    std::array<Ring<std::uint32_t>, kClasses> pulls;  ///< its messages to be granted
  };
  /// A packet with more payload than one access to memory, on its way out of or into memory.
  struct Train {
    tlm::tlm_generic_payload* packet = nullptr;
    std::uint32_t lane = 0;     ///< of an arriving one
    std::uint32_t active = 0;   ///< accesses under way
    std::uint64_t phantom = 0;  ///< bit i: read i brought no data
    bool failed = false;
  };
  enum class Access : std::uint8_t { kRead, kWrite, kLocalWrite };
  /// One access to local memory.
  struct Operation {
    Access access = Access::kRead;
    Transaction* transaction = nullptr;
    Transaction* source = nullptr;               ///< kLocalWrite: holds the bytes
    tlm::tlm_generic_payload* packet = nullptr;  ///< kWrite: holds the bytes
    std::uint32_t lane = 0;                      ///< kWrite
    std::uint32_t context = 0;                   ///< kRead, kLocalWrite
    std::uint64_t destination = 0;               ///< kRead
    std::uint32_t unit = 0;                      ///< kRead: largest packet of its bytes
    Train* train = nullptr;                      ///< kRead, kWrite: part of one
    bool ending = false;                         ///< END_REQ is still to come
  };
  struct GetJob {
    GetRequest request;
    std::uint16_t source = 0;
    std::uint16_t message = 0;
  };
  enum class Task : std::uint8_t { kMemoryDone, kPortFree, kSend, kArrived, kLocalNotify, kResume };
  struct Entry {
    Task task = Task::kMemoryDone;
    std::uint32_t number = 0;  ///< lane or context
    void* object = nullptr;
  };

  // interface.cpp: life cycle and calendar
  void step();
  void schedule(std::uint64_t time, Task task, void* object, std::uint32_t number = 0);
  void wake(std::uint64_t time);
  void perform(const Entry& entry);
  void start_of_simulation() override;

  // interface_send.cpp: messages to packets to lanes
  std::uint32_t allocate(std::uint32_t first, std::uint32_t count);
  void release(std::uint32_t context);
  void end_message(std::uint32_t context, const Violation& violation);
  void fail_message(std::uint32_t context, const Violation& violation);
  void wind_up(std::uint32_t context);
  std::uint16_t message_of(std::uint32_t context) const;
  Context& context_of(std::uint16_t message);
  void close_message(std::uint32_t context);
  void send_get(std::uint32_t context, const GetRequest& request);
  void start_replies();
  LinkPacket& new_packet(PacketType type, std::uint32_t peer, std::uint32_t traffic_class,
                         std::uint16_t message);
  void send_later(LinkPacket& packet);
  std::uint32_t usable_lanes(std::uint32_t destination) const;
  void choose_lane(LinkPacket& packet);
  void run_lanes(std::uint64_t cycle);
  void put_on_lane(Lane& lane, LinkPacket& packet);
  tlm::tlm_sync_enum credit(int lane, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay);

  // interface_read.cpp: which message reads next, and from what is read to packets
  void start_reading(std::uint32_t context);
  void queue_reader(std::uint32_t context);
  std::uint64_t rests_until(const Context& context);
  void charge(Context& context, std::uint32_t flits);
  Peer& peer(std::uint32_t aipu);
  std::uint32_t& staged(std::uint32_t aipu, std::uint32_t traffic_class) {
    return peer(aipu).staged[traffic_class];
  }
  void issue_reads();
  std::uint32_t next_reader(std::uint32_t traffic_class);
  void issue_read(std::uint32_t context);
  void issue_train(std::uint32_t context, const Piece& piece);
  void read_done(Operation& operation);
  void send_bytes(std::uint32_t context, const Piece& piece, std::uint32_t unit,
                  const std::uint8_t* data, std::uint32_t rule = 0);
  void train_part_done(Operation& operation);
  void split_train(std::uint32_t context, const Train& train);

  // interface_receive.cpp: packets to messages
  tlm::tlm_sync_enum receive(int lane, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  bool is_module(std::uint32_t aipu) const { return copies_ != 0 && aipu == Gaddr::kModule; }
  bool is_for_me(const Packet& header) const;
  void refuse_blocking(int lane, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned debug(int lane, tlm::tlm_generic_payload& payload);
  void arrived(tlm::tlm_generic_payload& payload, std::uint32_t lane);
  void write_done(Operation& operation);
  void drain(tlm::tlm_generic_payload& payload, std::uint32_t lane);
  void data_arrived(tlm::tlm_generic_payload& payload, std::uint32_t lane);
  void landed(const Packet& header, std::uint32_t bytes, bool failed);
  std::uint32_t receiving(const Packet& header);
  void close_receiving(std::uint32_t index);
  void finish_if_complete(std::uint32_t index);
  void acknowledge(std::uint32_t peer, std::uint16_t message, std::uint32_t rule);
  void acknowledged(const Packet& header);
  void add(const RemoteAdd& add);

  // interface_pull.cpp: grants and rates
  bool is_pulled(const Message& message) const;
  void announce(std::uint32_t context);
  void announced(const Packet& header);
  void queue_pull(std::uint32_t index);
  void withdraw_pull(std::uint32_t index);
  std::uint32_t next_pull();
  std::uint64_t next_chunk(const Receiving& r) const;
  void grant_pull();
  void granted(const Packet& header);
  void return_mark(const Packet& header);

  // interface_reduce.cpp: sums by the switches
  std::uint32_t packets_of_sum(std::uint64_t bytes) const;
  void request_sums();
  void part_read(Operation& operation);
  void sum_landed(const Packet& header, std::uint32_t bytes, bool failed, bool last);
  /// The buffer of the switch that a packet takes, as a destination: parts of sums lie with what is
  /// to be copied.
  static std::uint32_t buffer_of(const Packet& header) {
    return header.element == Element::kNone ? header.destination : std::uint32_t{Gaddr::kModule};
  }

  // interface_memory.cpp: local memory
  Operation& new_operation(Access access, tlm::tlm_command command, std::uint64_t address,
                           std::uint32_t bytes);
  void free_operation(Operation& operation);
  void request(Operation& operation, std::uint32_t traffic_class);
  void pump();
  Operation* next_read();
  Operation* next_write();
  void begin_request(Operation& operation);
  void memory_done(Operation& operation);
  void write_local(Operation& read);
  void local_write_done(Operation& operation);
  void local_read_done(Operation& operation);
  Train& new_train();
  tlm::tlm_sync_enum respond(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);

  const Config config_;
  const Clock core_clock_;
  const Clock link_clock_;
  const std::uint32_t aipu_;
  const std::uint32_t aipu_count_;
  std::uint32_t copies_ = 0;
  bool adds_ = false;  ///< the switches add up
  SignalRouter& signals_;

  PacketPool packets_;
  PacketPool control_packets_{GetRequest::kBytes};  ///< all but data: small, and many
  TransactionPool transactions_;
  std::vector<Context> contexts_;     ///< of cores, then of replies
  std::vector<Receiving> receiving_;  ///< the open ones, and free ones
  std::vector<std::uint32_t> free_receiving_;
  IndexTable open_;                     ///< of receiving_, by source and context there
  std::vector<std::uint16_t> peer_of_;  ///< place in peers_ + 1, by AIPU; the last: kModule
  std::vector<Peer> peers_;             ///< in order of first traffic
  std::array<Ring<std::uint16_t>, kClasses> pull_sources_;  ///< AIPUs with messages to be granted
  ClassScheduler pull_classes_;
  std::uint32_t pulls_ = 0;                            ///< messages to be granted
  std::uint64_t outstanding_ = 0;                      ///< bytes granted and not landed
  std::array<Ring<std::uint32_t>, kClasses> readers_;  ///< contexts with bytes to read
  ClassScheduler read_classes_;
  Ring<GetJob> get_jobs_;
  Ring<std::uint32_t> reducing_;  ///< contexts with sums to ask for
  std::uint32_t sums_ = 0;        ///< packets asked for and not landed
  Ring<MessageClient*> waiting_clients_;
  std::uint32_t used_messages_ = 0;
  std::uint32_t used_gets_ = 0;
  std::uint32_t used_replies_ = 0;

  std::vector<Lane> lanes_;
  std::vector<std::uint64_t> credit_edges_;  ///< of each lane, from which the next one may leave
  PathChooser chooser_;
  const Routes* routes_ = nullptr;

  std::vector<std::unique_ptr<Operation>> operations_;
  std::vector<Operation*> free_operations_;
  std::vector<std::unique_ptr<Train>> trains_;
  std::vector<Train*> free_trains_;
  Ring<Operation*> read_requests_;
  std::array<Ring<Operation*>, kClasses> write_requests_;
  std::uint32_t write_turn_ = 1;
  std::uint32_t reads_ = 0;          ///< under way
  std::uint32_t writes_ = 0;         ///< under way
  std::array<bool, 2> port_busy_{};  ///< of read_out, write_out

  TimeQueue<Entry> calendar_;
  std::uint64_t wake_at_ = ~0ULL;
  sc_core::sc_event step_event_;
  Stats stats_;
};

}  // namespace aipu::directcom
