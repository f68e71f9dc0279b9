// What the driver's compiler would see of a PTX text: version, target, kernels with the sizes of their parameters.
#pragma once
#include <cctype>

#include "world.h"

namespace fake {

struct PTX {
  int version = 0, target = 0; // 84, 90
  bool exact = false;          // sm_90a
  std::string error;
  struct Entry {
    std::string name;
    std::vector<size_t> sizes;
    long long threads = 1024;
  };
  std::vector<Entry> entries;
};

inline std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  for (size_t i = 0; i < text.size();) {
    if (text.compare(i, 2, "//") == 0) {
      i = std::min(text.find('\n', i), text.size());
    } else if (isspace(static_cast<unsigned char>(text[i]))) {
      i++;
    } else if (strchr("(),;{}[]", text[i])) {
      out.push_back(text.substr(i++, 1));
    } else {
      size_t j = i;
      while (j < text.size() && !isspace(static_cast<unsigned char>(text[j])) && !strchr("(),;{}[]", text[j])) j++;
      out.push_back(text.substr(i, j - i));
      i = j;
    }
  }
  return out;
}

inline size_t typeBytes(const std::string& t) { // ".u64", ".b8"
  const int bits = t.size() > 2 ? atoi(t.c_str() + 2) : 0;
  return static_cast<size_t>(bits / 8);
}

// parameters reads "( .param .u64 name , .param .align 64 .b8 name [ 128 ] )" and returns where it ends.
inline size_t parameters(const std::vector<std::string>& w, size_t i, PTX::Entry* e) {
  size_t bytes = 0;
  for (; i < w.size() && w[i] != ")"; i++) {
    if (w[i] == ".param") {
      bytes = 0;
    } else if (w[i] == ".align" || w[i] == ".ptr") {
      i += w[i] == ".align";
    } else if (w[i] == "[" && i + 1 < w.size()) {
      e->sizes.back() *= static_cast<size_t>(atoll(w[i + 1].c_str()));
      i += 2;
    } else if (w[i][0] == '.' && bytes == 0 && typeBytes(w[i])) {
      e->sizes.push_back(bytes = typeBytes(w[i]));
    }
  }
  return i;
}

inline PTX parse(const std::string& text) {
  PTX p;
  auto w = words(text);
  if (w.size() < 4 || w[0] != ".version" || w[2] != ".target" || w[3].compare(0, 3, "sm_") != 0) {
    p.error = "ptxas fatal   : Missing .version directive at start of file";
    return p;
  }
  p.version = static_cast<int>(10 * atof(w[1].c_str()) + 0.5);
  p.target = atoi(w[3].c_str() + 3);
  p.exact = w[3].back() == 'a';
  for (size_t i = 4; i + 1 < w.size(); i++) {
    if (w[i] != ".entry") continue;
    PTX::Entry e;
    e.name = w[++i];
    if (i + 1 < w.size() && w[i + 1] == "(") i = parameters(w, i + 1, &e);
    for (; i < w.size() && w[i] != "{" && w[i] != ";"; i++) {
      if (w[i] != ".maxntid" && w[i] != ".reqntid") continue;
      e.threads = atoll(w[i + 1].c_str());
      for (i++; i + 2 < w.size() && w[i + 1] == ","; i += 2) e.threads *= atoll(w[i + 2].c_str());
    }
    p.entries.push_back(e);
  }
  return p;
}

// refuse is why a device of compute capability cc under a driver cannot take the text; Code and log.
inline int refuse(const PTX& p, long long cc, long long driver, std::string* log) {
  if (!p.error.empty()) return *log = p.error, kInvalidPTX;
  const long long most = 80 + driver % 1000 / 10; // CUDA 12.4 takes PTX 8.4
  if (driver / 1000 == 12 && p.version > most) return *log = format("ptxas fatal   : Unsupported .version %d.%d; current version is '%lld.%lld'", p.version / 10, p.version % 10, most / 10, most % 10), kUnsupportedPTX;
  if (p.target > cc || (p.exact && p.target != cc)) return *log = format("ptxas fatal   : .target sm_%d%s is not for a device of sm_%lld", p.target, p.exact ? "a" : "", cc), kInvalidPTX;
  return kSuccess;
}

} // namespace fake
