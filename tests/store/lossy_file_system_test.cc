#include "tests/support/lossy_file_system.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/temp_dir.h"

// The instrument of the crash tests must itself be right: it loses what was not synced, and nothing else.
namespace support {
namespace {

class LossyFileSystemTest : public testing::Test {
 protected:
  std::unique_ptr<rocksdb::FSWritableFile> create(const std::string& name) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    EXPECT_TRUE(disk_.NewWritableFile(path(name), rocksdb::FileOptions(), &file, nullptr).ok());
    return file;
  }
  bool append(rocksdb::FSWritableFile& file, const std::string& text) {
    return file.Append(text, rocksdb::IOOptions(), nullptr).ok();
  }
  bool sync(rocksdb::FSWritableFile& file) { return file.Sync(rocksdb::IOOptions(), nullptr).ok(); }
  void sync_directory() {
    std::unique_ptr<rocksdb::FSDirectory> directory;
    ASSERT_TRUE(disk_.NewDirectory(dir_.path(), rocksdb::IOOptions(), &directory, nullptr).ok());
    ASSERT_TRUE(directory->Fsync(rocksdb::IOOptions(), nullptr).ok());
  }
  void lose_power() {
    disk_.power_off();
    disk_.power_on();
  }
  std::string path(const std::string& name) const { return dir_.path() + "/" + name; }
  std::string content(const std::string& name) const {
    std::ifstream in(path(name), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return in ? text.str() : "missing";
  }

  TempDir dir_;
  LossyFileSystem disk_{4};
};

TEST_F(LossyFileSystemTest, SyncedBytesStayAndOthersGoFromTheEnd) {
  auto file = create("a");
  sync_directory();
  append(*file, "kept");
  sync(*file);
  append(*file, std::string(1'000, 'x'));
  file.reset();
  EXPECT_EQ(content("a").size(), 1'004u);
  lose_power();
  EXPECT_TRUE(content("a").starts_with("kept"));
  EXPECT_LT(content("a").size(), 1'004u);
}

TEST_F(LossyFileSystemTest, AFileInAFolderThatWasNotSyncedGoes) {
  auto file = create("a");
  append(*file, "x");
  sync(*file);
  file.reset();
  lose_power();
  EXPECT_EQ(content("a"), "missing");
}

TEST_F(LossyFileSystemTest, ARenamingThatWasNotSyncedIsUndone) {
  for (const char* name : {"old", "new"}) {
    auto file = create(name);
    append(*file, name);
    sync(*file);
  }
  sync_directory();
  ASSERT_TRUE(disk_.RenameFile(path("new"), path("old"), rocksdb::IOOptions(), nullptr).ok());
  EXPECT_EQ(content("old"), "new");
  lose_power();
  EXPECT_EQ(content("old"), "old");
  EXPECT_EQ(content("new"), "new");
  ASSERT_TRUE(disk_.RenameFile(path("new"), path("old"), rocksdb::IOOptions(), nullptr).ok());
  sync_directory();
  lose_power();
  EXPECT_EQ(content("old"), "new");
}

TEST_F(LossyFileSystemTest, PowerFailsAtTheNthWriteAndStaysOff) {
  auto file = create("a");
  disk_.stop_at(2);
  EXPECT_TRUE(append(*file, "1"));
  EXPECT_FALSE(append(*file, "2"));
  EXPECT_FALSE(sync(*file));
  EXPECT_TRUE(disk_.is_off());
}

TEST_F(LossyFileSystemTest, OneSyncFailsAndTheDiskIsWellAgain) {
  auto file = create("a");
  disk_.fail_sync_at(2);
  EXPECT_TRUE(sync(*file));
  EXPECT_FALSE(sync(*file));
  EXPECT_TRUE(sync(*file));
  EXPECT_EQ(disk_.syncs(), 3u);
}

TEST_F(LossyFileSystemTest, AFullDiskTakesNoData) {
  auto file = create("a");
  disk_.no_space(true);
  EXPECT_FALSE(append(*file, "1"));
  disk_.no_space(false);
  EXPECT_TRUE(append(*file, "1"));
}

}  // namespace
}  // namespace support
