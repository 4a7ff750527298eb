#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Annotations of messages (RFC 5257) as commands name them. Entries have their case; they are ASCII, without an empty level.
namespace imapd::wire {

enum class AnnotationAttribute { kValuePrivate, kValueShared, kSizePrivate, kSizeShared };

// FETCH (ANNOTATION (entries attributes)).
struct FetchAnnotation {
  std::vector<std::string> entries;  // At least one, each once; patterns where they hold `*` or `%`.
  std::vector<AnnotationAttribute> attributes;  // At least one, each once; a name without .priv or .shared stands for both.
  friend bool operator==(const FetchAnnotation&, const FetchAnnotation&) = default;
};

enum class AnnotationScope { kBoth, kPrivate, kShared };

// SEARCH ANNOTATION: `value` is in the value of an entry that `entry`, which may be a pattern, names.
struct SearchAnnotation {
  std::string entry;
  AnnotationScope scope = AnnotationScope::kBoth;
  std::optional<std::string> value;  // nullopt: NIL. None of the entries has a value.
};

// SORT (ANNOTATION entry attribute).
struct SortAnnotation {
  std::string entry;  // No pattern.
  AnnotationScope scope = AnnotationScope::kShared;  // Never kBoth.
  friend bool operator==(const SortAnnotation&, const SortAnnotation&) = default;
};

// STORE ANNOTATION and APPEND's: which values were to be set. Not to what, as none can be.
struct SetAnnotation {
  std::string entry;
  std::vector<AnnotationScope> scopes;  // At least one; never kBoth.
};

// `*` is any run of characters, `%` any run without the slash.
bool is_annotation_pattern(std::string_view entry);

}  // namespace imapd::wire
