#include <algorithm>
#include <charconv>

#include "broker/rpc/convert.h"
#include "broker/rpc/queue_calls.h"

namespace broker::rpc {

namespace {

namespace v1 = claimq::v1;
using imapd::Task;
using Page = queue::Peek::Page;

std::string page_token(const Page& page) {
  return std::to_string(page.uid_validity.value()) + "." + std::to_string(page.from.value());
}

std::optional<Page> parse_page_token(std::string_view token) {
  std::uint32_t validity = 0;
  std::uint32_t uid = 0;
  const char* end = token.data() + token.size();
  const auto first = std::from_chars(token.data(), end, validity);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, uid);
  if (second.ec != std::errc() || second.ptr != end || uid == 0) return std::nullopt;
  return Page{imapd::UidValidity(validity), imapd::Uid(uid)};
}

}  // namespace

Task<Outcome<void>> QueueCalls::get(Call& call, const v1::GetRequest& request, v1::GetResponse& response) {
  FieldChecks checks;
  checks.queue_name("queue", request.queue());
  if (request.serial() == 0) checks.violation("serial", "is missing");
  if (!checks.ok()) co_return std::move(checks).failure();
  auto access = access_queue(services_, call.caller, request.queue(), imapd::auth::Right::kRead, "read this queue");
  if (!access) co_return access.error();
  const auto message = services_.queues.get(request.queue(), imapd::Serial(request.serial()));
  if (!message) {
    if (message.error().code == imapd::Code::kNotFound) co_return message_gone();
    co_return failure_of(message.error(), {});
  }
  const Content content = request.include_raw() ? Content::kRaw : Content::kDecoded;
  co_return fill_message(services_, request.queue(), *message, content, *response.mutable_message());
}

template <class Request, class Response>
Outcome<void> QueueCalls::browse(Call& call, const Request& request, const std::string& search, Response& response) {
  FieldChecks checks;
  checks.search("search", search);
  checks.queue_name("queue", request.queue());
  checks.number("page_size", request.page_size(), {0, kPageSizeMax});
  queue::Peek peek;
  peek.queue = request.queue();
  peek.count_max = request.page_size() == 0 ? kPageSizeDefault : request.page_size();
  if (!request.page_token().empty()) {
    peek.page = parse_page_token(request.page_token());
    if (!peek.page) checks.violation("page_token", "is none of ours");
  }
  peek.search = search;
  if (!checks.ok()) return std::move(checks).failure();
  auto access = access_queue(services_, call.caller, request.queue(), imapd::auth::Right::kRead, "read this queue");
  if (!access) return access.error();

  auto outcome = services_.queues.peek(peek);
  if (!outcome) return failure_of(outcome.error(), {});
  const Content content = request.include_raw() ? Content::kRaw : request.omit_body() ? Content::kNoBody : Content::kDecoded;
  const std::uint64_t copies = request.include_raw() ? 2 : request.omit_body() ? 0 : 1;
  std::optional<Page> next = outcome->next;
  std::uint64_t bytes = 0;
  for (const imapd::store::MessageState& state : outcome->messages) {
    bytes += state.size() * copies;
    if (bytes > kAnswerBytesMax && response.messages_size() > 0) {
      next = Page{access->info.uid_validity, state.uid};
      break;
    }
    const auto filled = fill_message(services_, request.queue(), state, content, *response.add_messages());
    if (filled) continue;
    response.mutable_messages()->RemoveLast();
    if (filled.error().reason != "MESSAGE_GONE") return filled.error();
  }
  if (next) response.set_next_page_token(page_token(*next));
  return {};
}

Task<Outcome<void>> QueueCalls::peek(Call& call, const v1::PeekRequest& request, v1::PeekResponse& response) {
  co_return browse(call, request, std::string(), response);
}

Task<Outcome<void>> QueueCalls::search(Call& call, const v1::SearchRequest& request, v1::SearchResponse& response) {
  co_return browse(call, request, request.search(), response);
}

}  // namespace broker::rpc
