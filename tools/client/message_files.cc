#include "tools/client/message_files.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <utility>

#include "tools/client/failure.h"

namespace tools::client {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kContentTypes = {{
    {".json", "application/json"},
    {".eml", "message/rfc822"},
    {".txt", "text/plain"},
    {".xml", "application/xml"},
    {".html", "text/html"},
}};

constexpr std::string_view kOtherContentType = "application/octet-stream";

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with("."); }

void add_folder(const fs::path& folder, std::vector<fs::path>& files) {
  std::vector<fs::path> found;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator(); ++entry) {
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      found.push_back(entry->path());
    }
  }
  std::sort(found.begin(), found.end());
  files.insert(files.end(), found.begin(), found.end());
}

// Letters, digits and a few marks stay; a name that came with a message may be anything, "../../.profile" included.
std::string harmless(std::string_view name) {
  constexpr std::size_t kNameBytesMax = 200;
  std::string safe;
  for (const char c : name.substr(0, kNameBytesMax)) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    safe += plain ? c : '_';
  }
  return safe;
}

}  // namespace

std::vector<fs::path> message_files(const std::vector<std::string>& arguments) {
  std::vector<fs::path> files;
  for (const std::string& argument : arguments) {
    try {
      if (fs::is_directory(argument)) {
        add_folder(argument, files);
      } else if (fs::exists(argument)) {
        files.emplace_back(argument);
      } else {
        throw Failure(argument + ": no such file or folder");
      }
    } catch (const fs::filesystem_error& error) {
      throw Failure(error.what());
    }
  }
  return files;
}

std::string content_type_of(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const auto& [known, type] : kContentTypes) {
    if (extension == known) {
      return std::string(type);
    }
  }
  return std::string(kOtherContentType);
}

claimq::v1::Message message_from_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string body((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) {
    throw Failure(path.string() + ": cannot be read");
  }
  claimq::v1::Message message;
  message.set_content_type(content_type_of(path));
  message.set_body(std::move(body));
  (*message.mutable_attributes())["filename"] = path.filename().string();
  return message;
}

std::string file_name_for(const claimq::v1::QueuedMessage& message) {
  const std::string serial = std::to_string(message.serial());
  const auto& attributes = message.message().attributes();
  const auto named = attributes.find("filename");
  if (named != attributes.end() && !named->second.empty()) {
    return serial + "-" + harmless(named->second);
  }
  std::string_view type = message.message().content_type();
  type = type.substr(0, type.find(';'));
  for (const auto& [extension, known] : kContentTypes) {
    if (type == known) {
      return serial + std::string(extension);
    }
  }
  return serial + ".bin";
}

}  // namespace tools::client
