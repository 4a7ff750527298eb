// Files and folders as messages.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "claimq/v1/message.pb.h"

namespace tools::client {

// Each argument is a file, or a folder that is walked to its leaves in the order of names; hidden files, symbolic links to
// folders and what is no regular file are passed over. Throws Failure for an argument that does not exist.
std::vector<std::filesystem::path> message_files(const std::vector<std::string>& arguments);

// By extension: .json application/json, .eml message/rfc822, .txt text/plain, .xml application/xml, .html text/html; else
// application/octet-stream.
std::string content_type_of(const std::filesystem::path& path);

// The body is the file, byte for byte; the attribute `filename` its name. Throws Failure when it cannot be read.
claimq::v1::Message message_from_file(const std::filesystem::path& path);

// A name for a file of the message's body that cannot leave its folder: `<serial>-<filename attribute>`, or `<serial>.<extension>`.
std::string file_name_for(const claimq::v1::QueuedMessage& message);

}  // namespace tools::client
