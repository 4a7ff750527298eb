#include "imapd/mime/body_structure.h"

#include <gtest/gtest.h>

#include "imapd/base/limits.h"
#include "imapd/mime/section.h"
#include "tests/mime/imap_syntax.h"

namespace imapd::mime {
namespace {

std::string structure(const std::string& bytes, Extended extended = Extended::kYes) {
  const std::string answer = body_structure(parse_message(bytes), bytes, extended);
  EXPECT_EQ(claimq_test::check_imap_syntax(answer), "");
  return answer;
}

std::string lines(std::size_t bytes, int count) {
  std::string text(bytes, 'x');
  for (int i = 0; i < count; ++i) text.replace(bytes - 2 * static_cast<std::size_t>(count - i), 2, "\r\n");
  return text;
}

TEST(BodyStructureTest, ExampleOfRfc3501Section8) {
  const std::string bytes = "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n" + lines(3028, 92);
  EXPECT_EQ(structure(bytes, Extended::kNo),
            R"(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92))");
}

// RFC 3501, section 7.4.2: a text and a base64 attachment with a name, an id and a description.
TEST(BodyStructureTest, ExampleOfRfc3501Section742) {
  const std::string bytes =
      "Content-Type: MULTIPART/MIXED; BOUNDARY=b\r\n\r\n--b\r\n"
      "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n" +
      lines(1152, 23) +
      "\r\n--b\r\n"
      "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII; NAME=cc.diff\r\n"
      "Content-ID: <960723163407.20117h@cac.washington.edu>\r\n"
      "Content-Description: Compiler diff\r\n"
      "Content-Transfer-Encoding: BASE64\r\n\r\n" +
      lines(4554, 73) + "\r\n--b--\r\n";
  EXPECT_EQ(
      structure(bytes, Extended::kNo),
      R"((("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23))"
      R"(("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") "<960723163407.20117h@cac.washington.edu>" )"
      R"("Compiler diff" "BASE64" 4554 73) "MIXED"))");
}

TEST(BodyStructureTest, ExtensionDataInTheirOrder) {
  EXPECT_EQ(structure("Content-Type: image/png; name*0*=utf-8''a; name*1=b\r\nContent-MD5: abc==\r\n"
                      "Content-Disposition: attachment; filename=\"x y.png\"\r\nContent-Language: de, en\r\n"
                      "Content-Location: http://x/\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA"),
            R"(("image" "png" ("name*0*" "utf-8''a" "name*1" "b") NIL NIL "base64" 4 "abc==" )"
            R"(("attachment" ("filename" "x y.png")) ("de" "en") "http://x/"))");
  EXPECT_EQ(
      structure(
          "Content-Type: multipart/alternative; boundary=\"b\"\r\nContent-Language: de\r\n\r\n--b\r\n\r\nx\r\n--b--"),
      R"((("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1 0 NIL NIL NIL NIL) )"
      R"("alternative" ("boundary" "b") NIL "de" NIL))");
}

TEST(BodyStructureTest, MessageInsideShowsEnvelopeBodyAndLines) {
  EXPECT_EQ(structure("Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nhello\r\n", Extended::kNo),
            R"(("message" "rfc822" NIL NIL NIL "7BIT" 22 (NIL "in" NIL NIL NIL NIL NIL NIL NIL NIL) )"
            R"(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 7 1) 3))");
}

TEST(BodyStructureTest, WhatCannotBeReadIsPlainText) {
  const std::string plain = R"(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1 0))";
  for (const char* field :
       {"", "Content-Type:\r\n", "Content-Type: text\r\n", "Content-Type: /\r\n",
        "Content-Type: multipart/mixed\r\n", "Content-Type: multipart/mixed; boundary=\"\"\r\n",
        "Content-Type: ;;;===\r\n", "Content-Transfer-Encoding:\r\n", "Content-Type: (((\r\n",
        "Content-Disposition: ;\r\n"}) {
    EXPECT_EQ(structure(std::string(field) + "\r\nx", Extended::kNo), plain) << field;
  }
}

TEST(BodyStructureTest, MultipartWithoutPartsShowsAnEmptyOne) {
  EXPECT_EQ(structure("Content-Type: multipart/mixed; boundary=b\r\n\r\nno boundary here\r\n", Extended::kNo),
            R"((("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 0 0) "mixed"))");
}

TEST(BodyStructureTest, EncodedMessageIsAFile) {
  EXPECT_EQ(
      structure("Content-Type: message/rfc822; name=a.eml\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA",
                Extended::kNo),
      R"(("APPLICATION" "OCTET-STREAM" ("name" "a.eml") NIL NIL "base64" 4))");
}

std::string nested_multiparts(std::size_t depth) {
  std::string bytes;
  for (std::size_t i = 0; i < depth; ++i) {
    const std::string boundary = "b" + std::to_string(i);
    bytes += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  return bytes + "\r\nx";
}

std::size_t leaf_depth(const MessageTree& tree) {
  std::size_t depth = 0;
  const Part* part = &tree.root();
  for (; !part->children.empty(); ++depth) part = &tree.parts[part->children.front()];
  return depth;
}

TEST(MessageTreeTest, DepthEndsAtTheLimit) {
  EXPECT_EQ(leaf_depth(parse_message(nested_multiparts(limits::kMimeDepthMax))), limits::kMimeDepthMax);
  EXPECT_TRUE(parse_message(nested_multiparts(limits::kMimeDepthMax)).parts.back().is_type("text", "plain"));
  EXPECT_EQ(leaf_depth(parse_message(nested_multiparts(limits::kMimeDepthMax + 1))), limits::kMimeDepthMax);
  EXPECT_TRUE(parse_message(nested_multiparts(limits::kMimeDepthMax + 1))
                  .parts.back()
                  .is_type("application", "octet-stream"));
  structure(nested_multiparts(20'000));
  std::string messages;
  for (int i = 0; i < 20'000; ++i) messages += "Content-Type: message/rfc822\r\n\r\n";
  structure(messages);
}

TEST(MessageTreeTest, PartsEndAtTheLimit) {
  const auto parts = [](std::size_t count) {
    std::string bytes = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (std::size_t i = 0; i < count; ++i) bytes += "--b\r\n\r\nx\r\n";
    return parse_message(bytes + "--b--\r\n").parts.size() - 1;
  };
  EXPECT_EQ(parts(limits::kMimePartsMax - 1), limits::kMimePartsMax - 1);
  EXPECT_EQ(parts(limits::kMimePartsMax), limits::kMimePartsMax - 1);
  EXPECT_EQ(parts(100'000), limits::kMimePartsMax - 1);
}

TEST(MessageTreeTest, HostileShapesTakeLinearTime) {
  std::string dashes = nested_multiparts(limits::kMimeDepthMax);
  for (int i = 0; i < 500'000; ++i) dashes += "--b\n";
  EXPECT_EQ(parse_message(dashes).parts.size(), limits::kMimeDepthMax + 1);

  const std::string fold = std::string(2'000'000, ' ');
  structure("Subject: x\r\n" + fold + "\r\n\r\n");
  structure("Content-Type: text/plain; " + std::string(2'000'000, ';') + "\r\n\r\n");
  structure("Content-Type: text/plain; a=" + std::string(2'000'000, '(') + "\r\n\r\n");
  structure("Content-Type: multipart/mixed; boundary=" + std::string(2'000'000, 'b') + "\r\n\r\n" +
            std::string(2'000'000, '-'));
  std::string fields;
  for (int i = 0; i < 200'000; ++i) fields += "X-Field: y\r\n";
  structure(fields + "\r\n");
  structure(std::string(3'000'000, '\n'));
}

TEST(MessageTreeTest, HeaderOfAMessageInsideEndsWithTheBodyAroundIt) {
  const std::string bytes =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n--b--\r\n";
  const MessageTree tree = parse_message(bytes);
  ASSERT_EQ(tree.parts.size(), 3u);
  EXPECT_EQ(tree.parts[1].body.of(bytes), "Subject: x\r\n");
  EXPECT_EQ(tree.parts[2].header.of(bytes), "Subject: x\r\n");
  EXPECT_EQ(tree.parts[2].body.of(bytes), "");
}

TEST(MessageTreeTest, SimilarAndOuterBoundaries) {
  const std::string bytes =
      "Content-Type: multipart/mixed; boundary=ab\r\n\r\n--ab\r\n"
      "Content-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\n\r\none\r\n--abc--x\r\n"
      "--abcd\r\n--ab \t\r\n\r\ntwo\r\n--ab--\r\nepilogue\r\n--ab\r\n";
  const MessageTree tree = parse_message(bytes);
  ASSERT_EQ(tree.parts.size(), 4u);
  EXPECT_EQ(tree.find({1, 1})->body.of(bytes), "one\r\n--abc--x\r\n--abcd");
  EXPECT_EQ(tree.find({2})->body.of(bytes), "two");
}

}  // namespace
}  // namespace imapd::mime
