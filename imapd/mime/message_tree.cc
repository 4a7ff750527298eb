#include "imapd/mime/message_tree.h"

#include <algorithm>
#include <cstring>

#include "imapd/base/limits.h"
#include "imapd/mime/bytes.h"
#include "imapd/mime/header_reader.h"
#include "imapd/mime/parameters.h"

namespace imapd::mime {
namespace {

// A Content-* value longer than this is an attack on the size of BODYSTRUCTURE; what is beyond it is not
// read.
constexpr std::size_t kContentValueBytesMax = 64 * 1024;

const std::string* find_parameter(const std::vector<Parameter>& parameters, std::string_view name) {
  for (const Parameter& parameter : parameters) {
    if (same_name(parameter.name, name)) return &parameter.value;
  }
  return nullptr;
}

void set_default_type(Part& part) {
  part.type = "TEXT";
  part.subtype = "PLAIN";
  part.parameters = {{"CHARSET", "US-ASCII"}};
}

void set_opaque_type(Part& part) {
  part.kind = Part::Kind::kLeaf;
  part.type = "APPLICATION";
  part.subtype = "OCTET-STREAM";
}

// False when the value is no type/subtype.
bool read_content_type(Part& part, std::string_view value) {
  ParameterizedValue read = parse_parameterized(value);
  const std::size_t slash = read.value.find('/');
  if (slash == std::string::npos) return false;
  const std::string_view type = trim(std::string_view(read.value).substr(0, slash));
  std::string_view subtype = trim(std::string_view(read.value).substr(slash + 1));
  subtype = subtype.substr(0, subtype.find_first_of(" \t"));
  if (!is_token(type) || !is_token(subtype)) return false;
  part.type = type;
  part.subtype = subtype;
  part.parameters = std::move(read.parameters);
  return true;
}

std::vector<std::string> read_languages(std::string_view value) {
  std::vector<std::string> languages;
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view language = trim(value.substr(0, comma));
    if (!language.empty()) languages.emplace_back(language);
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return languages;
}

// Of a field that is there twice, the first counts.
void read_fields(Part& part, std::string_view header, bool in_digest) {
  std::optional<std::string> type;
  std::optional<std::string> encoding;
  std::optional<std::string> disposition;
  std::optional<std::string> languages;
  const struct {
    std::string_view name;
    std::optional<std::string>& value;
  } known[] = {{"type", type},
               {"transfer-encoding", encoding},
               {"disposition", disposition},
               {"language", languages},
               {"id", part.id},
               {"description", part.description},
               {"md5", part.md5},
               {"location", part.location}};
  HeaderReader reader(header);
  while (const auto field = reader.next()) {
    if (!starts_with_name(field->name, "content-")) continue;
    for (const auto& [name, value] : known) {
      if (value || !same_name(field->name.substr(8), name)) continue;
      value = unfold(trim(field->value).substr(0, kContentValueBytesMax));
    }
  }

  if (!type || !read_content_type(part, *type)) {
    set_default_type(part);
    if (in_digest && !type) {
      part.type = "MESSAGE";
      part.subtype = "RFC822";
      part.parameters.clear();
    }
  }
  if (encoding) part.encoding = encoding->substr(0, encoding->find_first_of(" \t;("));
  if (part.encoding.empty()) part.encoding = "7BIT";
  if (disposition) {
    ParameterizedValue read = parse_parameterized(*disposition);
    if (!read.value.empty())
      part.disposition = Disposition{std::move(read.value), std::move(read.parameters)};
  }
  if (languages) part.languages = read_languages(*languages);
}

// Walks the lines of the message once, from the first byte to the last. Each entity() begins where the one
// before it stopped.
class TreeBuilder {
 public:
  explicit TreeBuilder(std::string_view bytes) : bytes_(bytes) {}

  MessageTree build() {
    entity(0, false);
    return std::move(tree_);
  }

 private:
  static constexpr std::size_t kNoLevel = static_cast<std::size_t>(-1);

  // Why an entity ended: a boundary line of the multipart at this level, or (kNoLevel) the end of the
  // message.
  struct Stop {
    std::size_t level = kNoLevel;
    bool closing = false;
    std::size_t line_begin = 0;    // Of the boundary line.
    std::uint64_t line_feeds = 0;  // Before the boundary line.
  };

  Stop entity(std::size_t depth, bool in_digest) {
    const std::size_t index = tree_.parts.size();
    tree_.parts.emplace_back();
    part(index).header.begin = at_;
    bool ended = false;
    Stop stop = read_header(ended);
    const std::size_t body_begin = ended ? stop.line_begin : at_;
    const std::uint64_t line_feeds = ended ? stop.line_feeds : line_feeds_;
    part(index).header.end = part(index).body.begin = body_begin;
    read_fields(part(index), part(index).header.of(bytes_), in_digest);
    decide_kind(part(index), depth);

    if (part(index).kind == Part::Kind::kMultipart) {
      stop = multipart(index, depth, ended ? std::optional<Stop>(stop) : std::nullopt);
    } else if (part(index).kind == Part::Kind::kMessage) {
      part(index).children.push_back(static_cast<std::uint32_t>(tree_.parts.size()));
      if (ended) {
        add_empty_part(body_begin);
      } else {
        stop = entity(depth + 1, false);
      }
    } else if (!ended) {
      stop = find_boundary();
    }
    end_body(part(index), stop, line_feeds);
    keep_within(index);
    return stop;
  }

  // Reads to the end of the header; `ended` when a boundary or the end of the message came first.
  Stop read_header(bool& ended) {
    Stop stop;
    while (at_ < bytes_.size()) {
      const std::string_view line = peek_line();
      if (match_boundary(line, stop)) {
        ended = true;
        return stop;
      }
      take(line);
      if (line == "\r\n" || line == "\n") return stop;
    }
    ended = true;
    return end_of_message();
  }

  void decide_kind(Part& part, std::size_t depth) {
    const bool multipart = part.is_type("multipart");
    if (!multipart && !part.is_type("message", "rfc822")) return;
    if (depth >= limits::kMimeDepthMax || tree_.parts.size() >= limits::kMimePartsMax) {
      set_opaque_type(part);
      return;
    }
    if (!multipart) {
      // Forbidden (RFC 2046, section 5.2.1) but seen: there is no message to read before it is decoded.
      const bool encoded = same_name(part.encoding, "base64") || same_name(part.encoding, "quoted-printable");
      if (encoded) {
        set_opaque_type(part);
      } else {
        part.kind = Part::Kind::kMessage;
      }
      return;
    }
    const std::string* boundary = part.parameter("boundary");
    if (boundary == nullptr || trim(*boundary).empty()) {
      set_default_type(part);
      return;
    }
    part.kind = Part::Kind::kMultipart;
  }

  Stop multipart(std::size_t index, std::size_t depth, std::optional<Stop> stopped) {
    const std::size_t level = boundaries_.size();
    boundaries_.emplace_back(trim(*part(index).parameter("boundary")));
    const bool digest = part(index).is_type("multipart", "digest");
    Stop stop = stopped ? *stopped : find_boundary();
    while (stop.level == level && !stop.closing) {
      take(peek_line());
      part(index).children.push_back(static_cast<std::uint32_t>(tree_.parts.size()));
      stop = entity(depth + 1, digest);
    }
    boundaries_.pop_back();
    if (stop.level == level) {
      take(peek_line());
      stop = find_boundary();
    }
    // `body` of a multipart has at least one part in the grammar of BODYSTRUCTURE.
    if (part(index).children.empty()) {
      part(index).children.push_back(static_cast<std::uint32_t>(tree_.parts.size()));
      add_empty_part(stop.line_begin);
    }
    return stop;
  }

  void add_empty_part(std::size_t at) {
    Part empty;
    empty.header = empty.body = ByteRange{at, at};
    set_default_type(empty);
    empty.encoding = "7BIT";
    tree_.parts.push_back(std::move(empty));
  }

  // The line end before a boundary belongs to the boundary (RFC 2046, section 5.1.1).
  void end_body(Part& part, const Stop& stop, std::uint64_t line_feeds_before) {
    part.body.end = stop.line_begin;
    part.body_lines = stop.line_feeds - line_feeds_before;
    if (stop.level == kNoLevel || part.body.size() == 0) return;
    --part.body.end;
    --part.body_lines;
    if (part.body.size() > 0 && bytes_[part.body.end - 1] == '\r') --part.body.end;
  }

  // A header that a boundary follows at once shares its empty line with the boundary. Where that header is
  // the last thing of a part around it, the empty line is not of that part's body, so it is not of the header
  // either.
  void keep_within(std::size_t index) {
    const std::size_t end = part(index).body.end;
    for (std::size_t i = tree_.parts.size(); --i > index && part(i).header.end > end;) {
      part(i).header.begin = std::min(part(i).header.begin, end);
      part(i).header.end = end;
      part(i).body = ByteRange{end, end};
    }
  }

  // Stands at the boundary line afterwards, or at the end of the message.
  Stop find_boundary() {
    Stop stop;
    if (boundaries_.empty()) {
      line_feeds_ += static_cast<std::uint64_t>(
          std::count(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), bytes_.end(), '\n'));
      at_ = bytes_.size();
    }
    while (at_ < bytes_.size()) {
      const std::string_view line = peek_line();
      if (match_boundary(line, stop)) return stop;
      take(line);
    }
    return end_of_message();
  }

  bool match_boundary(std::string_view line, Stop& stop) const {
    if (!line.starts_with("--")) return false;
    line.remove_prefix(2);
    for (std::size_t level = boundaries_.size(); level-- > 0;) {
      if (!line.starts_with(boundaries_[level])) continue;
      std::string_view rest = line.substr(boundaries_[level].size());
      const bool closing = rest.starts_with("--");
      if (closing) rest.remove_prefix(2);
      if (!trim(rest).empty()) continue;  // Another boundary, of which this one is a prefix.
      if (!closing && tree_.parts.size() >= limits::kMimePartsMax) continue;
      stop = Stop{level, closing, at_, line_feeds_};
      return true;
    }
    return false;
  }

  Stop end_of_message() const { return Stop{kNoLevel, false, bytes_.size(), line_feeds_}; }

  std::string_view peek_line() const {
    const std::size_t line_feed = bytes_.find('\n', at_);
    return bytes_.substr(at_, line_feed == std::string_view::npos ? line_feed : line_feed + 1 - at_);
  }

  void take(std::string_view line) {
    at_ += line.size();
    if (line.ends_with('\n')) ++line_feeds_;
  }

  Part& part(std::size_t index) { return tree_.parts[index]; }

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::uint64_t line_feeds_ = 0;         // Before at_.
  std::vector<std::string> boundaries_;  // Of the multiparts that are open, from the outermost.
  MessageTree tree_;
};

}  // namespace

bool Part::is_type(std::string_view type_name) const { return same_name(type, type_name); }

bool Part::is_type(std::string_view type_name, std::string_view subtype_name) const {
  return same_name(type, type_name) && same_name(subtype, subtype_name);
}

const std::string* Part::parameter(std::string_view name) const { return find_parameter(parameters, name); }

const Part* MessageTree::find(const std::vector<std::uint32_t>& numbers) const {
  const Part* found = &root();
  const Part* holder = &root();  // Whose parts the next number counts; null below a part without parts.
  for (const std::uint32_t number : numbers) {
    if (holder == nullptr) return nullptr;
    if (holder->kind == Part::Kind::kMultipart) {
      if (number == 0 || number > holder->children.size()) return nullptr;
      found = &parts[holder->children[number - 1]];
    } else if (number == 1) {
      found = holder;
    } else {
      return nullptr;
    }
    holder = nullptr;
    if (found->kind == Part::Kind::kMultipart) holder = found;
    if (found->kind == Part::Kind::kMessage) holder = &parts[found->children.front()];
  }
  return found;
}

MessageTree parse_message(std::string_view bytes) { return TreeBuilder(bytes).build(); }

}  // namespace imapd::mime
