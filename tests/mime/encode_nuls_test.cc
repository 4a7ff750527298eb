#include "imapd/mime/encode_nuls.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "imapd/mime/message_tree.h"
#include "imapd/mime/section.h"

namespace imapd::mime {
namespace {

using namespace std::string_literals;

std::string decoded(const std::string& message, const std::vector<std::uint32_t>& part) {
  const MessageTree tree = parse_message(message);
  const DecodedSection section = decoded_section(tree, message, part);
  return section.content ? std::string(section.content->view()) : "<none>";
}

TEST(EncodeNulsTest, WithoutANulNothingChanges) {
  const std::string message = "Content-Transfer-Encoding: binary\r\n\r\nas it is\r\n";
  EXPECT_EQ(*encode_nuls(message), message);
  EXPECT_EQ(*encode_nuls(""), "");
}

TEST(EncodeNulsTest, TheBodyBecomesBase64) {
  const auto encoded = encode_nuls("Subject: x\r\nContent-Transfer-Encoding: binary\r\nX: y\r\n\r\na\0b\r\n"s);
  ASSERT_TRUE(encoded);
  EXPECT_EQ(*encoded, "Subject: x\r\nX: y\r\nContent-Transfer-Encoding: base64\r\n\r\nYQBiDQo=\r\n");
  EXPECT_EQ(decoded(*encoded, {1}), "a\0b\r\n"s);
}

TEST(EncodeNulsTest, WithoutAnEncodingFieldOrAnyHeader) {
  EXPECT_EQ(*encode_nuls("Subject: x\r\n\r\n\0"s), "Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\nAA==\r\n");
  EXPECT_EQ(*encode_nuls("\r\n\0"s), "Content-Transfer-Encoding: base64\r\n\r\nAA==\r\n");
  EXPECT_EQ(*encode_nuls("Subject: x\n\n\0"s), "Subject: x\nContent-Transfer-Encoding: base64\r\n\nAA==\r\n");
}

TEST(EncodeNulsTest, OnlyThePartsThatNeedItChange) {
  const std::string before = "Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\r\nfirst\r\n--b\r\n";
  const std::string between = "\r\n--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xc3\xbc\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n";
  const std::string message = before + "Content-Transfer-Encoding: BINARY\r\n\r\n\0\r\n"s + between + "Subject: in\r\n\r\nx\0"s + "\r\n--b--\r\nend\r\n";
  const auto encoded = encode_nuls(message);
  ASSERT_TRUE(encoded);
  EXPECT_EQ(*encoded, before + "Content-Transfer-Encoding: base64\r\n\r\nAA0K\r\n" + between +
                          "Subject: in\r\nContent-Transfer-Encoding: base64\r\n\r\neAA=\r\n" + "\r\n--b--\r\nend\r\n");
  EXPECT_EQ(decoded(*encoded, {1}), "first");
  EXPECT_EQ(decoded(*encoded, {2}), "\0\r\n"s);
  EXPECT_EQ(decoded(*encoded, {3}), "\xc3\xbc");
  EXPECT_EQ(decoded(*encoded, {4, 1}), "x\0"s);
}

TEST(EncodeNulsTest, ANulInWhatIsEncodedIsRefused) {
  for (const char* encoding : {"base64", "quoted-printable", "x-own", "x-uuencode"}) {
    const auto encoded = encode_nuls("Content-Transfer-Encoding: "s + encoding + "\r\n\r\nYQ\0=="s);
    ASSERT_FALSE(encoded) << encoding;
    EXPECT_EQ(encoded.error().code, Code::kFailedPrecondition);
  }
}

TEST(EncodeNulsTest, ANulOutsideTheBodiesIsRefused) {
  for (const std::string& message : {"Sub\0ject: x\r\n\r\nbody"s, "Subject: \0\r\n\r\n\0"s, "\0"s,
                                     "Content-Type: multipart/mixed; boundary=b\r\n\r\n\0\r\n--b\r\n\r\nx\r\n--b--\r\n"s,
                                     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n\0"s}) {
    const auto encoded = encode_nuls(message);
    ASSERT_FALSE(encoded);
    EXPECT_EQ(encoded.error().code, Code::kInvalidArgument);
  }
}

TEST(EncodeNulsTest, AnyBytesGiveAMessageWithoutNulsOrAreRefused) {
  std::mt19937 random(7);
  const std::string alphabet = "\0\r\n-b: x"s;
  for (int round = 0; round < 3'000; ++round) {
    std::string message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n";
    for (int i = 0; i < 60; ++i) message += alphabet[random() % alphabet.size()];
    const auto encoded = encode_nuls(message);
    if (!encoded) continue;
    EXPECT_EQ(encoded->find('\0'), std::string::npos);
    const MessageTree before = parse_message(message);
    const MessageTree after = parse_message(*encoded);
    ASSERT_EQ(before.parts.size(), after.parts.size());
    for (std::uint32_t number = 1; before.find({number}) != nullptr; ++number) {
      EXPECT_EQ(decoded(message, {number}), decoded(*encoded, {number}));
    }
  }
}

}  // namespace
}  // namespace imapd::mime
