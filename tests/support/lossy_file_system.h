#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace support {

// The machine's file system with a plug to pull.
//
// Operation    Writes go through. What was not synced is remembered: the ends of files, names made or changed in a folder that
//              was not synced. power_on() after a power loss takes that away: each unsynced end is cut at a random place
//              (a torn write), new names go, names that were replaced come back.
//              Deleted files do not come back: RocksDB deletes only what no synced state needs.
// Faults       stop_at(n): the power fails instead of the n-th write from now; every later write fails too.
//              fail_sync_at(n): the n-th sync from now fails, once. no_space(true): writes of data fail with NoSpace.
//              A *write* is whatever changes the disk: append, sync, create, rename, delete, truncate.
// Concurrency  Thread-safe. power_on() only while no file is open.
class LossyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit LossyFileSystem(std::uint64_t seed = 1);
  ~LossyFileSystem() override;
  const char* Name() const override { return "LossyFileSystem"; }

  void stop_at(std::uint64_t nth_write);
  void fail_sync_at(std::uint64_t nth_sync);
  void no_space(bool full) { no_space_ = full; }
  // As stop_at(1), but at once.
  void power_off() { off_ = true; }
  bool is_off() const { return off_; }
  // Drops what was not synced, if the power was off, and ends all faults.
  void power_on();

  std::uint64_t writes() const { return writes_; }
  std::uint64_t syncs() const { return syncs_; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;

 private:
  class File;
  class Directory;
  struct Extent {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
  };
  struct Renaming {
    std::string from;
    std::string to;
    std::optional<std::string> replaced;  // What `to` held before.
  };

  enum class Kind { kData, kSync, kName };
  // Counts a write, and says what it must answer instead of being done.
  rocksdb::IOStatus admit(Kind kind);
  void directory_synced(const std::string& directory);

  std::atomic<bool> off_{false};
  std::atomic<bool> no_space_{false};
  std::atomic<std::uint64_t> writes_{0};
  std::atomic<std::uint64_t> syncs_{0};
  std::mutex mutex_;
  std::uint64_t stop_at_ = 0;       // Guarded by mutex_, as all below. 0: never.
  std::uint64_t fail_sync_at_ = 0;  // Counted in syncs_.
  std::mt19937_64 random_;
  std::map<std::string, std::shared_ptr<Extent>> extents_;  // By path; the files written since the last power_on().
  std::vector<std::string> created_;                        // In folders not synced since.
  std::vector<Renaming> renamings_;
};

}  // namespace support
