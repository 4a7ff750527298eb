// Any bytes are a message: every answer must be well-formed, and what compose() writes must come back.
#include <cstdint>
#include <cstdlib>

#include "imapd/mime/body_structure.h"
#include "imapd/mime/envelope.h"
#include "imapd/mime/queue_message.h"
#include "imapd/mime/section.h"
#include "imapd/mime/text.h"
#include "tests/mime/imap_syntax.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imapd::mime;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const MessageTree tree = parse_message(bytes);
  const std::string_view header = tree.root().header.of(bytes);
  if (!claimq_test::check_imap_syntax(envelope(header)).empty()) std::abort();
  if (!claimq_test::check_imap_syntax(body_structure(tree, bytes, Extended::kYes)).empty()) std::abort();
  for (const Part& part : tree.parts) {
    if (part.header.begin > part.header.end || part.header.end != part.body.begin ||
        part.body.begin > part.body.end || part.body.end > size) {
      std::abort();
    }
    for (const std::uint32_t child : part.children) {
      if (tree.parts[child].header.begin < part.body.begin || tree.parts[child].body.end > part.body.end)
        std::abort();
    }
  }
  section(tree, bytes, Section{{1, 1}, Section::Kind::kHeaderFields, {"subject"}});
  text_contains(tree, bytes, Needle("needle"));
  sent_date(header);

  const QueueMessage message = decode(bytes);
  const QueueMessage again = decode(compose(message));
  if (again.body != message.body || again.attributes != message.attributes || again.key != message.key)
    std::abort();
  return 0;
}
