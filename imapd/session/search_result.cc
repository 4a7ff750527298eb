#include "imapd/session/search_result.h"

#include <algorithm>
#include <utility>

#include "imapd/base/limits.h"
#include "imapd/wire/response.h"

namespace imapd::session {
namespace {

using Found = std::span<const FoundMessage>;

std::vector<std::uint32_t> numbers_in(Found found, bool uid) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(found.size());
  for (const FoundMessage& each : found) numbers.push_back(uid ? each.uid.value() : each.number);
  return numbers;
}

ModSeq highest(Found found) {
  ModSeq mod_seq;
  for (const FoundMessage& each : found) mod_seq = std::max(mod_seq, each.mod_seq);
  return mod_seq;
}

Found part_of(Found found, const wire::PartialRange& range) {
  const auto [begin, end] = range.of(found.size());
  return found.subspan(begin, end - begin);
}

// RFC 4731, section 3.2: of what is returned, and MIN, MAX and PARTIAL alone return only those. nullopt: nothing was.
std::optional<ModSeq> returned_mod_seq(Found found, const wire::ResultOptions& returns) {
  if (found.empty()) return std::nullopt;
  if (returns.all || returns.count) return highest(found);
  std::optional<ModSeq> mod_seq;
  const auto add = [&mod_seq](ModSeq other) { mod_seq = mod_seq ? std::max(*mod_seq, other) : other; };
  if (returns.min) add(found.front().mod_seq);
  if (returns.max) add(found.back().mod_seq);
  if (returns.partial) {
    const Found part = part_of(found, *returns.partial);
    if (!part.empty()) add(highest(part));
  }
  return mod_seq;
}

void write_extended(Session& session, const ResultForm& form, Found found) {
  wire::ResultOptions returns = *form.returns;
  if (returns.empty()) returns.all = true;
  if (returns.only_saves()) return;  // RFC 5182, section 2.1: then no line is sent.
  wire::EsearchLine line;
  line.tag = session.tag();
  line.uid = form.uid;
  line.mailbox = form.mailbox;
  const auto shown = [&form](const FoundMessage& each) { return form.uid ? each.uid.value() : each.number; };
  if (returns.count) line.count = static_cast<std::uint32_t>(found.size());
  if (!found.empty()) {
    if (returns.min) line.min = shown(found.front());
    if (returns.max) line.max = shown(found.back());
    if (returns.all) line.all = wire::number_set(numbers_in(found, form.uid));
  }
  if (returns.partial) {
    const Found part = part_of(found, *returns.partial);
    line.partial = wire::EsearchPartial{*returns.partial, wire::number_set(numbers_in(part, form.uid))};
  }
  if (form.names_mod_seq) line.mod_seq = returned_mod_seq(found, returns);
  session.out().esearch(line);
}

void write_plain(Session& session, const ResultForm& form, Found found) {
  std::optional<ModSeq> mod_seq;
  if (form.names_mod_seq && !found.empty()) mod_seq = highest(found);
  const auto numbers = numbers_in(found, form.uid);
  if (form.kind == ResultForm::Kind::kSort) {
    session.out().sort(numbers, mod_seq);
  } else {
    session.out().search(numbers, mod_seq);
  }
}

}  // namespace

void write_result(Session& session, const ResultForm& form, std::span<const FoundMessage> found) {
  if (form.returns) {
    write_extended(session, form, found);
  } else {
    write_plain(session, form, found);
  }
}

std::optional<Reply> save_result(Session& session, const wire::ResultOptions& returns, std::span<const FoundMessage> found) {
  if (!returns.save) return std::nullopt;
  std::vector<Uid> uids;
  const auto add = [&uids](Found messages) {
    for (const FoundMessage& each : messages) uids.push_back(each.uid);
  };
  const bool all = returns.all || returns.count || !(returns.min || returns.max || returns.partial);
  if (all) {
    add(found);
  } else if (!found.empty()) {
    if (returns.min) add(found.first(1));
    if (returns.max) add(found.last(1));
    if (returns.partial) add(part_of(found, *returns.partial));
  }
  std::ranges::sort(uids);
  UidSet saved;
  for (const Uid uid : uids) saved.add(uid);
  if (saved.ranges().size() > limits::kSavedResultRangesMax) {
    session.view().save({});
    return no("The result has too many gaps to be kept", wire::code::kNotSaved);
  }
  session.view().save(std::move(saved));
  return std::nullopt;
}

}  // namespace imapd::session
