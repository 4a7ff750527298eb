#include "tests/session/random_commands.h"

#include <array>

namespace imapd::session {
namespace {

constexpr std::array<const char*, 7> kFlags = {"\\Seen", "\\Flagged", "\\Deleted", "\\Answered", "$A", "$B", "\\Deleted"};

class Maker {
 public:
  Maker(std::mt19937_64& random, const ClientModel& model, Habits& habits) : random_(random), model_(model), habits_(habits) {}

  Step make() {
    if (!model_.selected()) return outside();
    const auto size = static_cast<int>(model_.entries().size());
    const int chance = pick(100);
    if (size == 0 || (size < 8 && pick(3) == 0)) return append();
    if (chance < 12) return plain(pick(4) == 0 ? "CHECK" : "NOOP", Step::Kind::kSync);
    if (chance < 32) return fetch();
    if (chance < 54) return store();
    if (chance < 62) return search();
    if (chance < 68) return plain("EXPUNGE");
    if (chance < 73) return plain("UID EXPUNGE " + uid_set());
    if (chance < 80) return transfer(chance < 77 ? "MOVE" : "COPY");
    if (chance < 88 && size < 30) return append();
    if (chance < 91) return status();
    if (chance < 94) return plain(pick(2) == 0 ? "CLOSE" : "UNSELECT", Step::Kind::kClose);
    if (chance < 97) return select();
    return changed_since();
  }

 private:
  int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  bool uids_only() const { return model_.names() == ClientModel::Names::kUidsOnly; }

  static Step plain(std::string text, Step::Kind kind = Step::Kind::kOther) {
    Step step;
    step.text = std::move(text);
    step.kind = kind;
    return step;
  }
  Step outside() {
    const int chance = pick(10);
    if (chance == 0) return append();
    if (chance == 1) return status();
    return select();
  }
  Step append() {
    std::string text = "APPEND " + habits_.mailbox;
    for (int count = 1 + pick(2); count > 0; --count) text += " (" + some_flags() + ") {8+}\r\nA: b\r\n\r\n";
    return plain(text);
  }
  Step status() {
    return plain("STATUS " + habits_.mailbox + (habits_.condstore ? " (MESSAGES HIGHESTMODSEQ)" : " (MESSAGES)"), Step::Kind::kStatus);
  }
  Step select() {
    Step step = plain((pick(4) == 0 ? "EXAMINE " : "SELECT ") + habits_.mailbox, Step::Kind::kSelect);
    if (habits_.qresync && habits_.known_mod_seq != 0 && !model_.selected()) {
      step.resynchronizes = true;
      step.text += " (QRESYNC (" + std::to_string(habits_.known_uid_validity) + " " + std::to_string(habits_.known_mod_seq) + "))";
    }
    habits_.known_mod_seq = 0;
    return step;
  }

  std::string some_flags() {
    std::string text;
    for (int count = pick(3); count > 0; --count) text += (text.empty() ? "" : " ") + std::string(kFlags[static_cast<std::size_t>(pick(kFlags.size()))]);
    return text;
  }
  std::string number_set() {
    const auto size = static_cast<int>(model_.entries().size());
    const int first = 1 + pick(size);
    switch (pick(5)) {
      case 0: return std::to_string(first);
      case 1: return std::to_string(first) + ":" + std::to_string(1 + pick(size));
      case 2: return std::to_string(first) + "," + std::to_string(1 + pick(size));
      case 3: return "*";
      default: return "1:*";
    }
  }
  std::string uid_set() {
    const auto& entries = model_.entries();
    const std::uint32_t first = std::max(1u, entries[static_cast<std::size_t>(pick(static_cast<int>(entries.size())))].uid);
    const std::uint32_t last = std::max(1u, entries[static_cast<std::size_t>(pick(static_cast<int>(entries.size())))].uid);
    switch (pick(4)) {
      case 0: return std::to_string(first);
      case 1: return std::to_string(first) + "," + std::to_string(last + 1);
      default: return std::to_string(std::min(first, last)) + ":" + std::to_string(std::max(first, last) + 2);
    }
  }
  // Chooses the form, and a set for it.
  Step on_messages(Step::Kind kind) {
    Step step;
    step.kind = kind;
    step.by_uid = uids_only() || pick(3) == 0;
    step.set = step.by_uid ? uid_set() : number_set();
    return step;
  }
  static std::string prefix(const Step& step) { return step.by_uid ? "UID " : ""; }

  Step fetch() {
    Step step = on_messages(Step::Kind::kFetch);
    if (pick(3) == 0) step.set = "1:*";
    static constexpr std::array<const char*, 4> kItems = {"(UID FLAGS)", "(FLAGS)", "(UID)", "(UID BODY[TEXT])"};
    static constexpr std::array<const char*, 2> kItemsWithModSeq = {"(UID FLAGS MODSEQ)", "(MODSEQ)"};
    const int which = pick(habits_.condstore ? 6 : 4);
    const std::string items = which < 4 ? kItems[static_cast<std::size_t>(which)] : kItemsWithModSeq[static_cast<std::size_t>(which - 4)];
    step.asks_for_flags = items.find("FLAGS") != std::string::npos;
    step.text = prefix(step) + "FETCH " + step.set + " " + items;
    return step;
  }
  Step changed_since() {
    if (!habits_.condstore) return fetch();
    Step step = on_messages(Step::Kind::kFetch);
    const std::uint64_t highest = model_.highest_mod_seq();
    const std::uint64_t since = highest - std::min<std::uint64_t>(highest, static_cast<std::uint64_t>(pick(20)));
    step.text = prefix(step) + "FETCH " + step.set + " (UID FLAGS) (CHANGEDSINCE " + std::to_string(since);
    step.text += habits_.qresync && step.by_uid && pick(2) == 0 ? " VANISHED)" : ")";
    return step;
  }
  Step store() {
    Step step = on_messages(Step::Kind::kStore);
    step.mode = "+-="[pick(3)];
    step.silent = pick(2) == 0;
    std::string list = pick(12) == 0 ? "\\Claimed" : some_flags();
    step.text = prefix(step) + "STORE " + step.set;
    if (habits_.condstore && pick(3) == 0) {
      const std::uint64_t limit = model_.highest_mod_seq() + static_cast<std::uint64_t>(pick(6));
      step.text += " (UNCHANGEDSINCE " + std::to_string(limit) + ")";
    }
    step.text += " " + (step.mode == '=' ? std::string() : std::string(1, step.mode)) + "FLAGS" + (step.silent ? ".SILENT" : "");
    step.text += " (" + list + ")";
    for (const std::string& name : parse_flag_names("(" + list + ")")) step.flags.push_back(name);
    return step;
  }
  Step search() {
    Step step;
    step.kind = Step::Kind::kSearch;
    step.by_uid = uids_only() || pick(2) == 0;
    static constexpr std::array<std::pair<const char*, const char*>, 5> kKeys = {
        {{"ALL", ""}, {"SEEN", "\\seen"}, {"DELETED", "\\deleted"}, {"FLAGGED", "\\flagged"}, {"KEYWORD $A", "$a"}}};
    const auto& [key, flag] = kKeys[static_cast<std::size_t>(pick(kKeys.size()))];
    step.flag = flag;
    step.text = prefix(step) + "SEARCH " + (pick(2) == 0 ? "RETURN (ALL) " : "") + key;
    return step;
  }
  Step transfer(const std::string& verb) {
    Step step = on_messages(Step::Kind::kOther);
    step.text = prefix(step) + verb + " " + step.set + " " + (pick(4) == 0 ? habits_.mailbox : habits_.other);
    return step;
  }

  std::mt19937_64& random_;
  const ClientModel& model_;
  Habits& habits_;
};

}  // namespace

void Step::change(FlagNames& names) const {
  if (mode == '=') std::erase_if(names, [](const std::string& name) { return name != "\\claimed" && name != "$claimed"; });
  for (const std::string& each : flags) {
    const bool claim = each == "\\claimed";
    if (mode == '-') {
      names.erase(each);
      if (claim) names.erase("$claimed");
    } else {
      names.insert(each);
      if (claim) names.insert("$claimed");
    }
  }
}

Step random_step(std::mt19937_64& random, const ClientModel& model, Habits& habits) { return Maker(random, model, habits).make(); }

}  // namespace imapd::session
