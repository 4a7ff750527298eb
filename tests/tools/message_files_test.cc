#include "tools/client/message_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tools/client/failure.h"

namespace tools::client {
namespace {

class MessageFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "claimq-tools-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  std::filesystem::path folder_;
};

TEST_F(MessageFiles, FolderIsWalkedInOrderWithoutHiddenFiles) {
  write("b.json", "{}");
  write("a/z.eml", "x");
  write("a/y.txt", "x");
  write(".git/config", "x");
  write(".hidden", "x");
  const auto files = message_files({folder_.string()});
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0], folder_ / "a/y.txt");
  EXPECT_EQ(files[1], folder_ / "a/z.eml");
  EXPECT_EQ(files[2], folder_ / "b.json");
}

TEST_F(MessageFiles, MissingFileIsAFailure) {
  EXPECT_THROW(message_files({(folder_ / "absent").string()}), Failure);
  EXPECT_THROW(message_from_file(folder_ / "absent"), Failure);
}

TEST_F(MessageFiles, MessageIsTheFileByteForByte) {
  const std::string bytes("\0\r\n\xFF end", 8);
  write("data.JSON", bytes);
  const auto message = message_from_file(folder_ / "data.JSON");
  EXPECT_EQ(message.body(), bytes);
  EXPECT_EQ(message.content_type(), "application/json");
  EXPECT_EQ(message.attributes().at("filename"), "data.JSON");
}

TEST_F(MessageFiles, TypesFollowTheExtension) {
  EXPECT_EQ(content_type_of("x.eml"), "message/rfc822");
  EXPECT_EQ(content_type_of("x"), "application/octet-stream");
}

TEST_F(MessageFiles, FileNameOfAMessageCannotLeaveItsFolder) {
  claimq::v1::QueuedMessage message;
  message.set_serial(7);
  (*message.mutable_message()->mutable_attributes())["filename"] = "../../etc/pass wd";
  EXPECT_EQ(file_name_for(message), "7-.._.._etc_pass_wd");
  message.mutable_message()->clear_attributes();
  message.mutable_message()->set_content_type("application/json; charset=utf-8");
  EXPECT_EQ(file_name_for(message), "7.json");
}

}  // namespace
}  // namespace tools::client
