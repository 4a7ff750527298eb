#include "tests/support/lossy_file_system.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace support {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

std::string folder_of(const std::string& path) { return std::filesystem::path(path).parent_path().lexically_normal().string(); }

std::optional<std::string> read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

}  // namespace

class LossyFileSystem::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(LossyFileSystem& disk, std::shared_ptr<Extent> extent, std::unique_ptr<rocksdb::FSWritableFile> target)
      : FSWritableFileOwnerWrapper(std::move(target)), disk_(disk), extent_(std::move(extent)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus refused = disk_.admit(Kind::kData); !refused.ok()) return refused;
    IOStatus done = target()->Append(data, options, debug);
    if (done.ok()) grow(data.size());
    return done;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus PositionedAppend(const rocksdb::Slice&, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("positioned append");
  }
  IOStatus PositionedAppend(const rocksdb::Slice&, std::uint64_t, const IOOptions&, const rocksdb::DataVerificationInfo&,
                            IODebugContext*) override {
    return IOStatus::NotSupported("positioned append");
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus refused = disk_.admit(Kind::kData); !refused.ok()) return refused;
    IOStatus done = target()->Truncate(size, options, debug);
    const std::lock_guard lock(disk_.mutex_);
    extent_->size = size;
    extent_->synced = std::min(extent_->synced, size);
    return done;
  }
  // The machine's sync would only cost time: power fails here only by power_on().
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    if (IOStatus refused = disk_.admit(Kind::kSync); !refused.ok()) return refused;
    const std::lock_guard lock(disk_.mutex_);
    extent_->synced = extent_->size;
    return IOStatus::OK();
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }
  // Promises nothing after a power loss.
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  void grow(std::size_t bytes) {
    const std::lock_guard lock(disk_.mutex_);
    extent_->size += bytes;
  }
  LossyFileSystem& disk_;
  const std::shared_ptr<Extent> extent_;
};

class LossyFileSystem::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(LossyFileSystem& disk, std::string name, std::unique_ptr<rocksdb::FSDirectory> target)
      : FSDirectoryWrapper(std::move(target)), disk_(disk), name_(std::move(name)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    if (IOStatus refused = disk_.admit(Kind::kSync); !refused.ok()) return refused;
    disk_.directory_synced(name_);
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug, const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  LossyFileSystem& disk_;
  const std::string name_;
};

LossyFileSystem::LossyFileSystem(std::uint64_t seed) : FileSystemWrapper(rocksdb::FileSystem::Default()), random_(seed) {}
LossyFileSystem::~LossyFileSystem() = default;

void LossyFileSystem::stop_at(std::uint64_t nth_write) {
  const std::lock_guard lock(mutex_);
  stop_at_ = nth_write == 0 ? 0 : writes_ + nth_write;
}

void LossyFileSystem::fail_sync_at(std::uint64_t nth_sync) {
  const std::lock_guard lock(mutex_);
  fail_sync_at_ = nth_sync == 0 ? 0 : syncs_ + nth_sync;
}

IOStatus LossyFileSystem::admit(Kind kind) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = ++writes_;
  if (kind == Kind::kSync) ++syncs_;
  if (stop_at_ != 0 && number >= stop_at_) off_ = true;
  if (off_) return IOStatus::IOError("the power is off");
  if (kind == Kind::kSync && fail_sync_at_ != 0 && syncs_ == fail_sync_at_) return IOStatus::IOError("injected: sync failed");
  if (kind == Kind::kData && no_space_) return IOStatus::NoSpace("injected: disk full");
  return IOStatus::OK();
}

void LossyFileSystem::directory_synced(const std::string& directory) {
  const std::string folder = std::filesystem::path(directory + "/x").parent_path().lexically_normal().string();
  const std::lock_guard lock(mutex_);
  std::erase_if(created_, [&](const std::string& path) { return folder_of(path) == folder; });
  std::erase_if(renamings_, [&](const Renaming& renaming) { return folder_of(renaming.to) == folder; });
}

void LossyFileSystem::power_on() {
  const std::lock_guard lock(mutex_);
  std::error_code ignored;
  if (off_) {
    for (const auto& [path, extent] : extents_) {
      if (extent->synced == extent->size) continue;
      const auto kept = std::uniform_int_distribution<std::uint64_t>(extent->synced, extent->size)(random_);
      std::filesystem::resize_file(path, kept, ignored);
    }
    for (auto renaming = renamings_.rbegin(); renaming != renamings_.rend(); ++renaming) {
      std::filesystem::rename(renaming->to, renaming->from, ignored);
      if (renaming->replaced) std::ofstream(renaming->to, std::ios::binary) << *renaming->replaced;
    }
    for (const std::string& path : created_) std::filesystem::remove(path, ignored);
  }
  extents_.clear();
  created_.clear();
  renamings_.clear();
  stop_at_ = 0;
  fail_sync_at_ = 0;
  no_space_ = false;
  off_ = false;
}

IOStatus LossyFileSystem::NewWritableFile(const std::string& name, const FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (IOStatus refused = admit(Kind::kName); !refused.ok()) return refused;
  const bool existed = std::filesystem::exists(name);
  std::unique_ptr<rocksdb::FSWritableFile> opened;
  IOStatus done = target()->NewWritableFile(name, options, &opened, debug);
  if (!done.ok()) return done;
  const auto extent = std::make_shared<Extent>();
  {
    const std::lock_guard lock(mutex_);
    extents_[name] = extent;
    if (!existed) created_.push_back(name);
  }
  *file = std::make_unique<File>(*this, extent, std::move(opened));
  return done;
}

IOStatus LossyFileSystem::ReopenWritableFile(const std::string& name, const FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (IOStatus refused = admit(Kind::kName); !refused.ok()) return refused;
  std::error_code absent;
  const std::uint64_t size = std::filesystem::file_size(name, absent);
  std::unique_ptr<rocksdb::FSWritableFile> opened;
  IOStatus done = target()->ReopenWritableFile(name, options, &opened, debug);
  if (!done.ok()) return done;
  std::shared_ptr<Extent> extent;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Extent>& slot = extents_[name];
    if (!slot) slot = std::make_shared<Extent>(absent ? Extent{} : Extent{size, size});
    if (absent) created_.push_back(name);
    extent = slot;
  }
  *file = std::make_unique<File>(*this, extent, std::move(opened));
  return done;
}

IOStatus LossyFileSystem::ReuseWritableFile(const std::string& name, const std::string& old_name, const FileOptions& options,
                                            std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  // As the interface's default does for file systems that cannot: a new file instead.
  if (IOStatus deleted = DeleteFile(old_name, options.io_options, debug); !deleted.ok()) return deleted;
  return NewWritableFile(name, options, file, debug);
}

IOStatus LossyFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                       std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> opened;
  IOStatus done = target()->NewDirectory(name, options, &opened, debug);
  if (done.ok()) *directory = std::make_unique<Directory>(*this, name, std::move(opened));
  return done;
}

IOStatus LossyFileSystem::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  if (IOStatus refused = admit(Kind::kName); !refused.ok()) return refused;
  IOStatus done = target()->DeleteFile(name, options, debug);
  const std::lock_guard lock(mutex_);
  extents_.erase(name);
  std::erase(created_, name);
  return done;
}

IOStatus LossyFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                     IODebugContext* debug) {
  if (IOStatus refused = admit(Kind::kName); !refused.ok()) return refused;
  std::optional<std::string> replaced = read_all(to);
  IOStatus done = target()->RenameFile(from, to, options, debug);
  if (!done.ok()) return done;
  const std::lock_guard lock(mutex_);
  if (const auto at = extents_.find(from); at != extents_.end()) {
    extents_[to] = at->second;
    extents_.erase(from);
  }
  renamings_.push_back({from, to, std::move(replaced)});
  return done;
}

IOStatus LossyFileSystem::LinkFile(const std::string&, const std::string&, const IOOptions&, IODebugContext*) {
  return IOStatus::NotSupported("hard links");
}

}  // namespace support
