// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hw/base/assert.h"
#include "hw/base/schema_rule.h"
#include "hw/base/schema_value.h"

namespace aipu {

/// A piece of configuration as a loader sees it: a scalar, or a map of named pieces.
class SchemaSource {
 public:
  using Visitor = std::function<void(const std::string& key, const std::string& key_place,
                                     const SchemaSource& value)>;
  SchemaSource() = default;
  SchemaSource(const SchemaSource&) = delete;
  SchemaSource& operator=(const SchemaSource&) = delete;
  virtual ~SchemaSource() = default;

  virtual bool is_map() const = 0;
  virtual bool is_scalar() const = 0;
  virtual std::string text() const = 0;                  ///< of a scalar
  virtual std::string place() const = 0;                 ///< `file:line:column`
  virtual void visit(const Visitor& visitor) const = 0;  ///< the entries of a map, in order
};

/// Where each key was last set, so that a rule over several keys can point at one of them.
class Places {
 public:
  void note(const std::string& key, const std::string& place);
  /// The latest place inside a key or group; empty when nothing there was ever set.
  std::string latest(const std::string& key) const;
  /// The latest place, inside a group, of a key that the message of a broken rule names.
  std::string blamed(const std::string& group, const std::string& message) const;

 private:
  struct Mark {
    std::size_t order;
    std::string place;
  };
  template <typename Accept>
  std::string latest_of(const Accept& accept) const;

  std::map<std::string, Mark> marks_;
  std::size_t next_ = 0;
};

/// One key or group with its present value, as plain data for explain, JSON schema and printing.
struct SchemaEntry {
  std::string name;
  std::string description;
  bool group = false;
  std::vector<SchemaEntry> entries;       ///< of a group
  std::vector<std::string> requirements;  ///< of a group: rules over several keys
  ValueType type;                         ///< of a key, as all below
  RangeRule range;
  Value value;
  Value fallback;  ///< the default
};

namespace schema_detail {
std::string join(const std::string& prefix, const std::string& name);
void check_range(const ValueType& type, const RangeRule& range, const Value& value,
                 const Where& where);
std::string scalar_text(const SchemaSource& source, const ValueType& type, const Where& where);
void expect_map(const SchemaSource& source, const Where& where);
[[noreturn]] void unknown_key(const Where& where, const std::string& key,
                              const std::vector<std::string>& known);
}  // namespace schema_detail

/// The one list of the keys of a Config: parser, ranges, explanation, JSON schema and the resolved
/// printout come from it. Built by a block's inline `schema()`; every mistake in a configuration
/// ends in a ConfigError with place, key and what would be valid.
template <typename Config>
class Schema {
 public:
  Schema(std::string name, std::string description)
      : name_(std::move(name)), description_(std::move(description)) {}

  /// A key. The member's type says which text is valid, the rule (schema_rule.h) which values.
  template <typename T, typename R>
  Schema& field(const std::string& name, T Config::*member, Rule<R> rule,
                const std::string& description) {
    static_assert(kRuleFits<T, R>, "the rule is written in another unit than the member");
    return add(
        name, description, value_type<T>(), std::move(rule.range),
        [member](const Config& c) { return to_value(c.*member); },
        [member](Config& c, const Value& v) { c.*member = from_value<T>(v); });
  }

  /// A key that names one value of an enumeration.
  template <typename E>
  Schema& field(const std::string& name, E Config::*member, const EnumNames<E>& names,
                const std::string& description) {
    ValueType type;
    type.kind = ValueType::Kind::kName;
    for (const auto& entry : names.entries)
      type.names.emplace_back(entry.name);
    const auto get = [member, names](const Config& c) -> Value {
      for (const auto& entry : names.entries) {
        if (entry.value == c.*member) return std::string(entry.name);
      }
      return std::string("?");
    };
    const auto set = [member, names](Config& c, const Value& v) {
      for (const auto& entry : names.entries) {
        if (entry.name == std::get<std::string>(v)) c.*member = entry.value;
      }
    };
    return add(name, description, std::move(type), {}, get, set);
  }

  /// The keys of a nested Config, under one name.
  template <typename Sub>
  Schema& group(const std::string& name, Sub Config::*member, const Schema<Sub>& schema) {
    const auto sub = std::make_shared<const Schema<Sub>>(schema);
    Item item;
    item.name = name;
    item.read = [sub, member](const SchemaSource& s, Config& c, Places& p, const std::string& key) {
      sub->read(s, c.*member, p, key);
    };
    item.check = [sub, member](const Config& c, const Places& p, const std::string& key) {
      sub->check(c.*member, p, key);
    };
    item.describe = [sub, member](const Config& c, const Config& defaults) {
      return sub->describe(c.*member, defaults.*member);
    };
    return push(std::move(item));
  }

  /// A rule over several keys; the message says what must hold, in words a user can act on.
  Schema& require(std::function<bool(const Config&)> predicate, const std::string& message) {
    requirements_.push_back({[holds = std::move(predicate), message](const Config& c) {
                               return holds(c) ? std::string() : message;
                             },
                             message, false});
    return *this;
  }

  /// A rule that words its own complaint: `fault` returns nothing, or `key: what is wrong and what
  /// would be valid`, which is placed at that key. `message` says what must hold.
  Schema& refuse(std::function<std::string(const Config&)> fault, const std::string& message) {
    requirements_.push_back({std::move(fault), message, true});
    return *this;
  }

  /// Sets what the source names and leaves the rest as it is. `key` is the dotted name of this
  /// group.
  void read(const SchemaSource& source, Config& config, Places& places,
            const std::string& key = "") const {
    schema_detail::expect_map(source, {source.place(), key});
    std::map<std::string, std::string> seen;
    source.visit([&](const std::string& name, const std::string& place, const SchemaSource& value) {
      const Item* item = find(name);
      if (item == nullptr) schema_detail::unknown_key({place, key}, name, names());
      const std::string full = schema_detail::join(key, name);
      const auto [first, fresh] = seen.emplace(name, place);
      if (!fresh) fail_value({place, full}, "given twice, first at " + first->second);
      item->read(value, config, places, full);
    });
  }

  /// Holds every range and requirement against a complete Config.
  void check(const Config& config, const Places& places = {}, const std::string& key = "") const {
    for (const Item& item : items_) {
      item.check(config, places, schema_detail::join(key, item.name));
    }
    for (const Requirement& requirement : requirements_) {
      const std::string fault = requirement.fault(config);
      if (fault.empty()) continue;
      const std::string blamed = requirement.names_key ? fault.substr(0, fault.find(':')) : fault;
      fail_value({places.blamed(key, blamed), key.empty() ? name_ : key}, fault);
    }
  }

  SchemaEntry describe(const Config& config, const Config& defaults = Config{}) const {
    SchemaEntry result;
    result.name = name_;
    result.description = description_;
    result.group = true;
    for (const Item& item : items_) {
      result.entries.push_back(item.describe(config, defaults));
      result.entries.back().name = item.name;
    }
    for (const Requirement& requirement : requirements_) {
      result.requirements.push_back(requirement.message);
    }
    return result;
  }

  const std::string& name() const { return name_; }

 private:
  using Get = std::function<Value(const Config&)>;
  using Set = std::function<void(Config&, const Value&)>;

  struct Item {
    std::string name;
    std::function<void(const SchemaSource&, Config&, Places&, const std::string&)> read;
    std::function<void(const Config&, const Places&, const std::string&)> check;
    std::function<SchemaEntry(const Config&, const Config&)> describe;
  };
  struct Requirement {
    std::function<std::string(const Config&)> fault;
    std::string message;
    bool names_key;  // the fault begins with the key to blame
  };

  Schema& add(const std::string& name, const std::string& description, ValueType type,
              RangeRule range, const Get& get, const Set& set) {
    Item item;
    item.name = name;
    item.read = [type, range, set](const SchemaSource& source, Config& config, Places& places,
                                   const std::string& key) {
      const Where where{source.place(), key};
      const Value v = parse_value(type, schema_detail::scalar_text(source, type, where), where);
      schema_detail::check_range(type, range, v, where);
      set(config, v);
      places.note(key, where.place);
    };
    item.check = [type, range, get](const Config& config, const Places& places,
                                    const std::string& key) {
      schema_detail::check_range(type, range, get(config), {places.latest(key), key});
    };
    item.describe = [description, type, range, get](const Config& c, const Config& defaults) {
      return SchemaEntry{"", description, false, {}, {}, type, range, get(c), get(defaults)};
    };
    return push(std::move(item));
  }

  Schema& push(Item item) {
    AIPU_ASSERT(find(item.name) == nullptr, "schema {}: key {} is listed twice", name_, item.name);
    items_.push_back(std::move(item));
    return *this;
  }

  const Item* find(const std::string& name) const {
    for (const Item& item : items_) {
      if (item.name == name) return &item;
    }
    return nullptr;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const Item& item : items_)
      result.push_back(item.name);
    return result;
  }

  std::string name_;
  std::string description_;
  std::vector<Item> items_;
  std::vector<Requirement> requirements_;
};

}  // namespace aipu
