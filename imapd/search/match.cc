#include "imapd/search/match.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>
#include <vector>

#include "imapd/mime/message_tree.h"
#include "imapd/mime/text.h"
#include "imapd/search/annotation.h"

namespace imapd::search {
namespace {

struct UidIn {
  UidSet uids;
};
struct HeaderHas {
  std::string field;
  mime::Needle needle;
};
struct BodyHas {
  mime::Needle needle;
};
struct TextHas {
  mime::Needle needle;
};
struct CameAt {
  SearchAge::Relation relation;
  Timestamp bound;
};

std::chrono::year_month_day internal_day(const store::InternalDate& date) {
  const auto local = date.time + std::chrono::minutes(date.zone_minutes);
  return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(local));
}

bool holds(SearchDate::Relation relation, std::chrono::year_month_day day, std::chrono::year_month_day asked) {
  switch (relation) {
    case SearchDate::Relation::kBefore:
      return day < asked;
    case SearchDate::Relation::kOn:
      return day == asked;
    case SearchDate::Relation::kSince:
      return day >= asked;
  }
  return false;
}

}  // namespace

ModSeq flag_mod_seq(const store::MessageState& message, const Flag& flag) {
  const std::string name = flag.name();
  for (const store::FlagModSeq& entry : message.flag_mod_seqs) {
    if (equals_ignoring_case(entry.flag, name)) return entry.mod_seq;
  }
  return message.append_mod_seq;
}

struct Matcher::Node {
  enum class Junction { kAnd, kOr, kNot };
  struct Joined {
    Junction junction;
    std::vector<Node> nodes;
  };
  using Test = std::variant<SearchAll, SearchFlag, SearchRecent, UidIn, HeaderHas, BodyHas, TextHas, SearchDate, CameAt, SearchSize,
                            SearchModSeq, SearchEmailId, SearchFilter, AnnotationTest, Joined>;
  Test test;
  Cost cost = Cost::kState;

  class Compiler;
  class Evaluation;
};

class Matcher::Node::Compiler {
 public:
  Compiler(const Resolve& resolve, Timestamp now) : resolve_(resolve), now_(now) {}

  Node compile(const SearchKey& key) const { return std::visit(*this, key.key); }

  Node operator()(const SearchNumbers& numbers) const { return Node{UidIn{resolve_(numbers)}}; }
  Node operator()(const SearchHeader& header) const {
    return Node{HeaderHas{header.field, mime::Needle(header.value)}, Cost::kHeader};
  }
  Node operator()(const SearchBody& body) const { return Node{BodyHas{mime::Needle(body.value)}, Cost::kBody}; }
  Node operator()(const SearchText& text) const { return Node{TextHas{mime::Needle(text.value)}, Cost::kBody}; }
  Node operator()(const SearchDate& date) const {
    return Node{date, date.source == SearchDate::Source::kSent ? Cost::kHeader : Cost::kState};
  }
  Node operator()(const SearchAge& age) const { return Node{CameAt{age.relation, now_ - std::chrono::seconds(age.seconds)}}; }
  Node operator()(const SearchAnnotation& annotation) const { return Node{AnnotationTest(annotation)}; }
  Node operator()(const SearchAnd& joined) const { return join(Junction::kAnd, joined.keys); }
  Node operator()(const SearchOr& joined) const { return join(Junction::kOr, joined.keys); }
  Node operator()(const SearchNot& joined) const { return join(Junction::kNot, joined.keys); }
  template <class Plain>
  Node operator()(const Plain& plain) const {
    return Node{plain};
  }

 private:
  Node join(Junction junction, const std::vector<SearchKey>& keys) const {
    Joined joined{junction, {}};
    Cost dearest = Cost::kState;
    for (const SearchKey& key : keys) {
      joined.nodes.push_back(compile(key));
      dearest = std::max(dearest, joined.nodes.back().cost);
    }
    // The cheap first: what is loaded for the dear is then loaded only when they leave it open.
    std::ranges::stable_sort(joined.nodes, {}, &Node::cost);
    return Node{std::move(joined), dearest};
  }

  const Resolve& resolve_;
  const Timestamp now_;
};

// One message against the program. decide() answers nullopt for what cannot be known without loading more than `allowed`.
class Matcher::Node::Evaluation {
 public:
  Evaluation(const Candidate& candidate, const store::Actor& asker, Content& content)
      : candidate_(candidate), message_(candidate.message), asker_(asker), content_(content) {}

  Result<std::optional<bool>> decide(const Node& node, Cost allowed) {
    if (const auto* joined = std::get_if<Joined>(&node.test)) return decide_joined(*joined, allowed);
    if (node.cost > allowed) return std::optional<bool>();
    TRY_ASSIGN(answer, std::visit(*this, node.test));
    return std::optional<bool>(answer);
  }

  Result<bool> operator()(const SearchAll&) { return true; }
  Result<bool> operator()(const SearchFlag& key) { return message_.flags.contains(key.flag) == key.set; }
  Result<bool> operator()(const SearchRecent& key) { return candidate_.recent == key.set; }
  Result<bool> operator()(const UidIn& key) { return key.uids.contains(message_.uid); }
  Result<bool> operator()(const HeaderHas& key) {
    TRY_ASSIGN(header, content_.header());
    return mime::header_contains(header, key.field, key.needle);
  }
  Result<bool> operator()(const BodyHas& key) {
    TRY_ASSIGN(bytes, content_.bytes());
    return mime::body_contains(tree(bytes), bytes, key.needle);
  }
  Result<bool> operator()(const TextHas& key) {
    TRY_ASSIGN(bytes, content_.bytes());
    return mime::text_contains(tree(bytes), bytes, key.needle);
  }
  Result<bool> operator()(const SearchDate& key) {
    if (key.source == SearchDate::Source::kInternal) {
      return holds(key.relation, internal_day(message_.internal_date), key.date);
    }
    if (key.source == SearchDate::Source::kSaved) {
      return holds(key.relation, internal_day({message_.saved, 0}), key.date);
    }
    TRY_ASSIGN(header, content_.header());
    const auto sent = mime::sent_date(header);
    return sent && holds(key.relation, sent->date, key.date);
  }
  Result<bool> operator()(const CameAt& key) {
    const Timestamp came = message_.internal_date.time;
    return key.relation == SearchAge::Relation::kOlder ? came <= key.bound : came >= key.bound;
  }
  Result<bool> operator()(const SearchSize& key) {
    return key.relation == SearchSize::Relation::kLarger ? message_.size() > key.octets : message_.size() < key.octets;
  }
  // Our flags are shared: there is no private mod-sequence, so all three entry types name the same one.
  Result<bool> operator()(const SearchModSeq& key) {
    const ModSeq mod_seq = key.flag ? flag_mod_seq(message_, *key.flag) : message_.mod_seq;
    return mod_seq >= key.at_least;
  }
  Result<bool> operator()(const SearchEmailId& key) { return key.email_id && message_.email_id == *key.email_id; }
  Result<bool> operator()(const SearchFilter&) { return false; }  // Whoever knows filters has put them in.
  Result<bool> operator()(const AnnotationTest& key) { return key.holds(message_, asker_); }
  Result<bool> operator()(const Joined&) { return false; }

 private:
  Result<std::optional<bool>> decide_joined(const Joined& joined, Cost allowed) {
    if (joined.junction == Junction::kNot) {
      TRY_ASSIGN(answer, decide(joined.nodes.front(), allowed));
      if (answer) answer = !*answer;
      return answer;
    }
    const bool decisive = joined.junction == Junction::kOr;
    std::optional<bool> all = !decisive;
    for (const Node& node : joined.nodes) {
      TRY_ASSIGN(answer, decide(node, allowed));
      if (answer == decisive) return answer;
      if (!answer) all = std::nullopt;
    }
    return all;
  }

  const mime::MessageTree& tree(std::string_view bytes) {
    if (!tree_) tree_ = mime::parse_message(bytes);
    return *tree_;
  }

  const Candidate& candidate_;
  const store::MessageState& message_;
  const store::Actor& asker_;
  Content& content_;
  std::optional<mime::MessageTree> tree_;
};

Matcher::Matcher(const SearchKey& program, const Resolve& resolve, Timestamp now, store::Actor asker)
    : root_(std::make_unique<Node>(Node::Compiler(resolve, now).compile(program))), asker_(std::move(asker)) {
  const auto narrow = [this](const Node& node) {
    const auto* key = std::get_if<UidIn>(&node.test);
    const auto* flag = std::get_if<SearchFlag>(&node.test);
    const bool of_claims = flag != nullptr && flag->flag.is_system() && flag->flag.system() == SystemFlag::kClaimed;
    if (of_claims && !flag->set) only_unclaimed_ = true;
    if (key != nullptr) bound_ = bound_ ? bound_->intersection(key->uids) : key->uids;
  };
  narrow(*root_);
  const auto* joined = std::get_if<Node::Joined>(&root_->test);
  if (joined != nullptr && joined->junction == Node::Junction::kAnd) std::ranges::for_each(joined->nodes, narrow);
}

Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;
Matcher::~Matcher() = default;

Matcher::Cost Matcher::cost() const { return root_->cost; }

Result<bool> Matcher::matches(const Candidate& candidate, Content& content) const {
  Node::Evaluation evaluation(candidate, asker_, content);
  for (const Cost allowed : {Cost::kState, Cost::kHeader, Cost::kBody}) {
    TRY_ASSIGN(answer, evaluation.decide(*root_, allowed));
    if (answer) return *answer;
  }
  return false;
}

}  // namespace imapd::search
