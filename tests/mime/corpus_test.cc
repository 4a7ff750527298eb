#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "imapd/mime/body_structure.h"
#include "imapd/mime/envelope.h"
#include "imapd/mime/queue_message.h"
#include "imapd/mime/section.h"
#include "imapd/mime/text.h"
#include "tests/mime/imap_syntax.h"

namespace imapd::mime {
namespace {

std::vector<std::filesystem::path> mails() {
  const char* folder = std::getenv("CLAIMQ_CORPUS");
  std::vector<std::filesystem::path> found;
  if (folder == nullptr) return found;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::filesystem::path(folder) / "emails")) {
    if (entry.path().extension() == ".eml") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void check_answers(std::string_view bytes) {
  const MessageTree tree = parse_message(bytes);
  EXPECT_EQ(claimq_test::check_imap_syntax(body_structure(tree, bytes, Extended::kYes)), "");
  EXPECT_EQ(claimq_test::check_imap_syntax(body_structure(tree, bytes, Extended::kNo)), "");
  EXPECT_EQ(claimq_test::check_imap_syntax(envelope(tree.root().header.of(bytes))), "");
  EXPECT_EQ(tree.root().header.size() + tree.root().body.size(), bytes.size());
  sent_date(tree.root().header.of(bytes));
  EXPECT_FALSE(text_contains(tree, bytes, Needle("\x01 nowhere")));
}

// Every part by its number, and each within the bytes of the one around it.
void check_sections(const MessageTree& tree, std::string_view bytes, const Part& holder,
                    std::vector<std::uint32_t> prefix) {
  const std::size_t count = holder.kind == Part::Kind::kMultipart ? holder.children.size() : 1;
  prefix.push_back(0);
  for (std::uint32_t number = 1; number <= count; ++number) {
    prefix.back() = number;
    const Part* part = tree.find(prefix);
    ASSERT_NE(part, nullptr);
    EXPECT_EQ(section(tree, bytes, Section{prefix, Section::Kind::kAll, {}})->view(), part->body.of(bytes));
    const auto mime = section(tree, bytes, Section{prefix, Section::Kind::kMime, {}});
    EXPECT_EQ(mime->view(), part->header.of(bytes));
    EXPECT_LE(part->body.end, holder.body.end);
    EXPECT_EQ(part->body_lines, static_cast<std::uint64_t>(std::count(part->body.of(bytes).begin(),
                                                                      part->body.of(bytes).end(), '\n')));
    const bool is_message = part->kind == Part::Kind::kMessage;
    const auto header = section(tree, bytes, Section{prefix, Section::Kind::kHeader, {}});
    const auto text = section(tree, bytes, Section{prefix, Section::Kind::kText, {}});
    EXPECT_EQ(header.has_value(), is_message);
    EXPECT_EQ(text.has_value(), is_message);
    if (is_message) {
      EXPECT_EQ(std::string(header->view()) + std::string(text->view()), part->body.of(bytes));
      check_sections(tree, bytes, tree.parts[part->children.front()], prefix);
    } else if (part != &holder && part->kind == Part::Kind::kMultipart) {
      check_sections(tree, bytes, *part, prefix);
    }
  }
  prefix.back() = static_cast<std::uint32_t>(count + 1);
  EXPECT_EQ(tree.find(prefix), nullptr);
}

TEST(CorpusTest, EveryMailHasAnAnswerForEverything) {
  const auto paths = mails();
  if (paths.empty()) GTEST_SKIP() << "CLAIMQ_CORPUS names no mails";
  for (const auto& path : paths) {
    SCOPED_TRACE(path);
    const std::string bytes = read(path);
    check_answers(bytes);
    const MessageTree tree = parse_message(bytes);
    check_sections(tree, bytes, tree.root(), {});
    decode(bytes);
  }
}

TEST(CorpusTest, EveryPrefixOfAMailHasAnAnswer) {
  const auto paths = mails();
  if (paths.empty()) GTEST_SKIP() << "CLAIMQ_CORPUS names no mails";
  for (const auto& path : paths) {
    SCOPED_TRACE(path);
    const std::string bytes = read(path);
    if (bytes.size() > 20'000) continue;
    for (std::size_t size = 0; size < bytes.size(); size += 37)
      check_answers(std::string_view(bytes).substr(0, size));
  }
}

TEST(CorpusTest, EveryMailSurvivesAsTheBodyOfAQueueMessage) {
  const auto paths = mails();
  if (paths.empty()) GTEST_SKIP() << "CLAIMQ_CORPUS names no mails";
  for (const auto& path : paths) {
    SCOPED_TRACE(path);
    QueueMessage message;
    message.content_type = "message/rfc822";
    message.body = read(path);
    const QueueMessage back = decode(compose(message));
    EXPECT_EQ(back.body, message.body);
    EXPECT_EQ(back.content_type, message.content_type);
  }
}

}  // namespace
}  // namespace imapd::mime
