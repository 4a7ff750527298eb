#include "imapd/mime/address.h"

#include <cstring>
#include <span>

#include "imapd/mime/bytes.h"

namespace imapd::mime {
namespace {

// What Dovecot shows in their place; clients know it.
constexpr char kMissingMailbox[] = "MISSING_MAILBOX";
constexpr char kMissingDomain[] = "MISSING_DOMAIN";

struct Token {
  enum class Kind { kWord, kSpecial, kComment, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;
  bool after_blank = false;
  bool is(char special) const { return kind == Kind::kSpecial && text.front() == special; }
};

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  Token next() {
    Token token;
    while (at_ < text_.size() && is_space(text_[at_])) {
      token.after_blank = true;
      ++at_;
    }
    if (at_ == text_.size()) return token;
    const char c = text_[at_];
    token.kind = Token::Kind::kWord;
    if (c == '"') {
      token.text = read_quoted();
    } else if (c == '(') {
      token.kind = Token::Kind::kComment;
      token.text = read_comment();
    } else if (c == '[') {
      const std::size_t end = text_.find(']', at_);
      token.text = take(end == std::string_view::npos ? text_.size() : end + 1);
    } else if (is_special(c)) {
      token.kind = Token::Kind::kSpecial;
      token.text = take(at_ + 1);
    } else {
      std::size_t end = at_;
      while (end < text_.size() && !is_space(text_[end]) && !is_special(text_[end]) &&
             std::strchr("\"([", text_[end]) == nullptr)
        ++end;
      token.text = take(end);
    }
    return token;
  }

 private:
  static bool is_special(char c) { return std::strchr("<>@,;:.)", c) != nullptr; }

  std::string take(std::size_t end) {
    std::string taken(text_.substr(at_, end - at_));
    at_ = end;
    return taken;
  }

  std::string read_quoted() {
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value.push_back(text_[at_]);
    }
    if (at_ < text_.size()) ++at_;
    return value;
  }

  std::string read_comment() {
    std::string value;
    int depth = 1;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '(') ++depth;
      if (text_[at_] == ')' && --depth == 0) break;
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value.push_back(text_[at_]);
    }
    if (at_ < text_.size()) ++at_;
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// As written, but white space becomes one blank.
std::string join(std::span<const Token> tokens) {
  std::string joined;
  for (const Token& token : tokens) {
    if (token.after_blank && !joined.empty()) joined.push_back(' ');
    joined.append(token.text);
  }
  return joined;
}

class AddressParser {
 public:
  explicit AddressParser(std::string_view text) : tokenizer_(text) {}

  std::vector<Address> parse() {
    while (true) {
      Token token = tokenizer_.next();
      if (token.kind == Token::Kind::kComment) {
        comment_ = std::move(token.text);
      } else if (token.kind == Token::Kind::kEnd || token.is(',') || token.is(';')) {
        finish_address();
        if (in_group_ && !token.is(',')) end_group();
        if (token.kind == Token::Kind::kEnd) return std::move(addresses_);
      } else if (token.is(':') && !in_group_) {
        addresses_.push_back(Address{{}, {}, join(words_), {}});
        words_.clear();
        in_group_ = true;
      } else if (token.is('<')) {
        begin_angle();
      } else if (token.is('>') && angle_) {
        angle_closed_ = true;
      } else if (!angle_closed_) {
        words_.push_back(std::move(token));
      }
    }
  }

 private:
  // The words so far were the display name. A route holds commas, and is read here to its colon.
  void begin_angle() {
    if (angle_) return;
    angle_ = true;
    if (!words_.empty()) name_ = join(words_);
    words_.clear();
    Token token = tokenizer_.next();
    if (!token.is('@')) {
      take_first(std::move(token));
      return;
    }
    while (token.kind != Token::Kind::kEnd && !token.is(':') && !token.is('>')) {
      words_.push_back(std::move(token));
      token = tokenizer_.next();
    }
    if (token.is(':')) {
      route_ = join(words_);
      words_.clear();
    } else {
      angle_closed_ = true;
    }
  }

  void take_first(Token token) {
    if (token.is('>')) {
      angle_closed_ = true;
    } else if (token.kind == Token::Kind::kWord) {
      words_.push_back(std::move(token));
    }
  }

  void finish_address() {
    if (!words_.empty() || name_) {
      std::size_t at_sign = words_.size();
      for (std::size_t i = 0; i < words_.size(); ++i) {
        if (words_[i].is('@')) at_sign = i;
      }
      const std::span<const Token> words(words_);
      std::string mailbox = join(words.first(at_sign));
      std::string host = at_sign < words.size() ? join(words.subspan(at_sign + 1)) : std::string();
      if (mailbox.empty()) mailbox = kMissingMailbox;
      if (host.empty()) host = kMissingDomain;
      if (!name_ && comment_) name_ = std::move(comment_);
      addresses_.push_back(Address{std::move(name_), std::move(route_), std::move(mailbox), std::move(host)});
    }
    words_.clear();
    name_.reset();
    route_.reset();
    comment_.reset();
    angle_ = angle_closed_ = false;
  }

  void end_group() {
    addresses_.push_back(Address{});
    in_group_ = false;
  }

  Tokenizer tokenizer_;
  std::vector<Address> addresses_;
  std::vector<Token> words_;
  std::optional<std::string> name_;
  std::optional<std::string> route_;
  std::optional<std::string> comment_;
  bool angle_ = false;
  bool angle_closed_ = false;
  bool in_group_ = false;
};

}  // namespace

std::vector<Address> parse_addresses(std::string_view value) { return AddressParser(value).parse(); }

}  // namespace imapd::mime
