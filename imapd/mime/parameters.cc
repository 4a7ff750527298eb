#include "imapd/mime/parameters.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "imapd/mime/bytes.h"
#include "imapd/mime/gmime.h"

namespace imapd::mime {
namespace {

// A line holds a piece with its name, quotes and number; RFC 5322 advises 78.
constexpr std::size_t kPieceBytes = 56;

class ParameterReader {
 public:
  explicit ParameterReader(std::string_view text) : text_(text) {}

  std::string read_value() {
    skip_comments();
    return std::string(read_bare());
  }

  bool at_end() {
    at_ = std::min(text_.find(';', at_), text_.size());
    return at_ == text_.size();
  }

  // Reads `; name=value`, standing at the semicolon.
  Parameter read_parameter() {
    ++at_;
    skip_comments();
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of("=;", at_), text_.size());
    Parameter parameter;
    parameter.name = trim(text_.substr(begin, at_ - begin));
    if (at_ == text_.size() || text_[at_] == ';') return parameter;
    ++at_;
    skip_comments();
    if (at_ < text_.size() && text_[at_] == '"') {
      parameter.value = read_quoted();
    } else {
      parameter.value = read_bare();
    }
    return parameter;
  }

 private:
  void skip_comments() {
    int depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '(') {
        ++depth;
      } else if (depth == 0) {
        if (!is_space(c)) return;
      } else if (c == ')') {
        --depth;
      } else if (c == '\\') {
        ++at_;
      }
    }
    at_ = text_.size();
  }

  // Up to the semicolon, or a comment. Blanks inside are kept: unquoted file names with blanks are common.
  std::string_view read_bare() {
    const std::size_t begin = at_;
    for (; at_ < text_.size() && text_[at_] != ';'; ++at_) {
      if (text_[at_] == '(' && at_ > begin && is_blank(text_[at_ - 1])) break;
    }
    return trim(text_.substr(begin, at_ - begin));
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

  std::string_view text_;
  std::size_t at_ = 0;
};

struct Piece {
  unsigned number = 0;
  bool encoded = false;
  std::string_view value;
};

// `name`, `name*`, `name*0`, `name*0*`: RFC 2231, section 7. nullopt for any other name.
std::optional<Piece> read_piece(const Parameter& parameter, std::string_view name) {
  if (!starts_with_name(parameter.name, name)) return std::nullopt;
  Piece piece{0, false, parameter.value};
  std::string_view rest = std::string_view(parameter.name).substr(name.size());
  if (rest.empty()) return piece;
  if (rest.front() != '*') return std::nullopt;
  rest.remove_prefix(1);
  if (rest.empty()) {
    piece.encoded = true;
    return piece;
  }
  const auto [after, error] = std::from_chars(rest.data(), rest.data() + rest.size(), piece.number);
  if (error != std::errc()) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(after - rest.data()));
  piece.encoded = rest == "*";
  if (!rest.empty() && !piece.encoded) return std::nullopt;
  return piece;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void append_unescaped(std::string& to, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(text[i + 2]);
    if (low < 0) {
      to.push_back(text[i]);
    } else {
      to.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
}

// attribute-char of RFC 2231, section 7.
bool is_attribute_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && std::strchr("!#$&+-.^_`{|}~", c) != nullptr);
}

void append_escaped(std::string& to, char c) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  if (is_attribute_char(c)) {
    to.push_back(c);
    return;
  }
  const unsigned byte = static_cast<unsigned char>(c);
  to.push_back('%');
  to.push_back(kDigits[byte >> 4]);
  to.push_back(kDigits[byte & 15]);
}

void append_quoted(std::string& to, std::string_view value) {
  to.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') to.push_back('\\');
    to.push_back(c);
  }
  to.push_back('"');
}

}  // namespace

ParameterizedValue parse_parameterized(std::string_view value) {
  ParameterReader reader(value);
  ParameterizedValue result;
  result.value = reader.read_value();
  while (!reader.at_end()) {
    Parameter parameter = reader.read_parameter();
    if (!parameter.name.empty()) result.parameters.push_back(std::move(parameter));
  }
  return result;
}

std::optional<std::string> decode_parameter(const std::vector<Parameter>& parameters, std::string_view name) {
  std::vector<Piece> pieces;
  for (const Parameter& parameter : parameters) {
    if (auto piece = read_piece(parameter, name)) pieces.push_back(*piece);
  }
  if (pieces.empty()) return std::nullopt;
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const Piece& a, const Piece& b) { return a.number < b.number; });

  std::string_view charset;
  if (pieces.front().encoded) {  // charset'language'value
    std::string_view& first = pieces.front().value;
    const std::size_t quote = first.find('\'');
    const std::size_t second_quote = quote == std::string_view::npos ? quote : first.find('\'', quote + 1);
    if (second_quote != std::string_view::npos) {
      charset = first.substr(0, quote);
      first.remove_prefix(second_quote + 1);
    }
  }
  std::string bytes;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].number != i) break;  // A gap or a repetition: what follows cannot belong to it.
    if (pieces[i].encoded) {
      append_unescaped(bytes, pieces[i].value);
    } else {
      bytes.append(pieces[i].value);
    }
  }
  if (charset.empty() || same_name(charset, "utf-8") || same_name(charset, "us-ascii")) return bytes;
  return to_utf8(bytes, charset);
}

void append_parameter(std::string& to, std::string_view name, std::string_view value) {
  const bool plain = std::all_of(value.begin(), value.end(), is_printable);
  const std::size_t pieces = (value.size() + kPieceBytes - 1) / kPieceBytes;
  if (plain && pieces <= 1) {
    to.append("; ").append(name).append("=");
    append_quoted(to, value);
    return;
  }
  std::size_t number = 0;
  for (std::size_t at = 0; at < value.size() || number == 0; ++number) {
    to.append(";\r\n ").append(name).append("*").append(std::to_string(number));
    if (plain) {
      to.push_back('=');
      append_quoted(to, value.substr(at, kPieceBytes));
      at += kPieceBytes;
      continue;
    }
    to.append(number == 0 ? "*=utf-8''" : "*=");
    const std::size_t begin = to.size();
    while (at < value.size() && to.size() - begin < kPieceBytes) append_escaped(to, value[at++]);
  }
}

}  // namespace imapd::mime
