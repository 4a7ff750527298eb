#include "imapd/mime/body_structure.h"

#include <algorithm>

#include "imapd/mime/envelope.h"
#include "imapd/mime/imap_string.h"

namespace imapd::mime {
namespace {

class Writer {
 public:
  Writer(const MessageTree& tree, std::string_view bytes, Extended extended)
      : tree_(tree), bytes_(bytes), extended_(extended == Extended::kYes) {}

  std::string write() {
    body(tree_.root());
    return std::move(out_);
  }

 private:
  // body = "(" (body-type-1part / body-type-mpart) ")"
  void body(const Part& part) {
    out_.push_back('(');
    if (part.kind == Part::Kind::kMultipart) {
      multipart(part);
    } else {
      single_part(part);
    }
    out_.push_back(')');
  }

  // body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
  void multipart(const Part& part) {
    for (const std::uint32_t child : part.children) body(tree_.parts[child]);
    out_.push_back(' ');
    append_imap_string(out_, part.subtype);
    if (!extended_) return;
    out_.push_back(' ');
    parameters(part.parameters);
    disposition_to_location(part);
  }

  // body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
  void single_part(const Part& part) {
    append_imap_string(out_, part.type);
    out_.push_back(' ');
    append_imap_string(out_, part.subtype);
    out_.push_back(' ');
    fields(part);
    if (part.kind == Part::Kind::kMessage) {
      const Part& message = tree_.parts[part.children.front()];
      out_.append(" ").append(envelope(message.header.of(bytes_))).append(" ");
      body(message);
    }
    if (part.kind == Part::Kind::kMessage || part.is_type("text"))
      out_.append(" ").append(number(part.body_lines));
    if (!extended_) return;
    out_.push_back(' ');
    append_imap_nstring(out_, part.md5);
    disposition_to_location(part);
  }

  // body-fields = body-fld-param SP body-fld-id SP body-fld-desc SP body-fld-enc SP body-fld-octets
  void fields(const Part& part) {
    parameters(part.parameters);
    out_.push_back(' ');
    append_imap_nstring(out_, part.id);
    out_.push_back(' ');
    append_imap_nstring(out_, part.description);
    out_.push_back(' ');
    append_imap_string(out_, part.encoding);
    out_.append(" ").append(number(part.body.size()));
  }

  // SP body-fld-dsp SP body-fld-lang SP body-fld-loc
  void disposition_to_location(const Part& part) {
    out_.push_back(' ');
    if (part.disposition) {
      out_.push_back('(');
      append_imap_string(out_, part.disposition->kind);
      out_.push_back(' ');
      parameters(part.disposition->parameters);
      out_.push_back(')');
    } else {
      out_.append("NIL");
    }
    out_.push_back(' ');
    languages(part.languages);
    out_.push_back(' ');
    append_imap_nstring(out_, part.location);
  }

  // body-fld-param = "(" string SP string *(SP string SP string) ")" / nil
  void parameters(const std::vector<Parameter>& list) {
    if (list.empty()) {
      out_.append("NIL");
      return;
    }
    char before = '(';
    for (const Parameter& parameter : list) {
      out_.push_back(before);
      append_imap_string(out_, parameter.name);
      out_.push_back(' ');
      append_imap_string(out_, parameter.value);
      before = ' ';
    }
    out_.push_back(')');
  }

  // body-fld-lang = nstring / "(" string *(SP string) ")"
  void languages(const std::vector<std::string>& list) {
    if (list.empty()) {
      out_.append("NIL");
    } else if (list.size() == 1) {
      append_imap_string(out_, list.front());
    } else {
      char before = '(';
      for (const std::string& language : list) {
        out_.push_back(before);
        append_imap_string(out_, language);
        before = ' ';
      }
      out_.push_back(')');
    }
  }

  // `number` of the grammar is below 2^32.
  static std::string number(std::uint64_t value) {
    return std::to_string(std::min<std::uint64_t>(value, 0xffffffffu));
  }

  const MessageTree& tree_;
  std::string_view bytes_;
  bool extended_;
  std::string out_;
};

}  // namespace

std::string body_structure(const MessageTree& tree, std::string_view bytes, Extended extended) {
  return Writer(tree, bytes, extended).write();
}

}  // namespace imapd::mime
