// Embeds token sequences with llama.cpp and prints what it took as one JSON line; links against llama.cpp's library (see compare-embed.sh).
// Usage: llama_embed MODEL.gguf SEQUENCES.jsonl THREADS SECONDS [VECTORS.jsonl]     tokens per second, mean pooling, bidirectional
//        llama_embed --quantize MODEL.gguf Q8.gguf                                  eight-bit weights (Q8_0)
// Batches of one sequence, and of up to 512 and 2048 tokens, each with and without flash attention, are tried on about 2048 tokens of the
// sequences; the fastest of them is measured.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>
#include <sys/resource.h>
#include "llama.h"

using Sequences = std::vector<std::vector<llama_token>>;

static double cpu_seconds() {
    rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + 1e-6 * (u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static double wall_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static void fail(const std::string & message) {
    fprintf(stderr, "%s\n", message.c_str());
    exit(2);
}

static Sequences read(const char * path) {
    std::ifstream file(path);
    if (!file) fail(std::string("cannot read ") + path);
    Sequences all;
    for (std::string line; std::getline(file, line);) {
        for (char & c : line) if (c == '[' || c == ']' || c == ',') c = ' ';
        std::istringstream numbers(line);
        std::vector<llama_token> ids;
        for (int id; numbers >> id;) ids.push_back(id);
        if (!ids.empty()) all.push_back(std::move(ids));
    }
    return all;
}

struct Runner {
    llama_model * model;
    llama_context * context = nullptr;
    int budget;

    Runner(llama_model * m, const Sequences & sequences, int tokens, int at_once, bool flash, int threads) : model(m), budget(tokens) {
        int longest = 1;
        for (auto & s : sequences) longest = std::max(longest, (int) s.size());
        // llama.cpp sizes its graph for a whole number of tokens per sequence.
        budget = (std::max(budget, longest) + at_once - 1) / at_once * at_once;
        llama_context_params p = llama_context_default_params();
        p.n_ctx = p.n_batch = p.n_ubatch = budget;
        p.n_seq_max = at_once;
        p.n_threads = p.n_threads_batch = threads;
        p.embeddings = true;
        p.pooling_type = LLAMA_POOLING_TYPE_MEAN;
        p.attention_type = LLAMA_ATTENTION_TYPE_NON_CAUSAL;
        p.flash_attn_type = flash ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
        p.kv_unified = true;
        p.no_perf = true;
        context = llama_init_from_model(model, p);
    }

    ~Runner() { if (context) llama_free(context); }

    // Longest first, as many as fit the budget at once; true vectors in the order of the sequences.
    void run(const Sequences & sequences, const std::vector<int> & order, int at_once, std::vector<std::vector<float>> * vectors) {
        int width = llama_model_n_embd(model);
        llama_batch batch = llama_batch_init(budget, 0, 1);
        for (size_t next = 0; next < order.size();) {
            batch.n_tokens = 0;
            std::vector<int> members;
            while (next < order.size() && (int) members.size() < at_once && (members.empty() || batch.n_tokens + (int) sequences[order[next]].size() <= budget)) {
                const auto & ids = sequences[order[next]];
                for (size_t t = 0; t < ids.size(); t++) {
                    int n = batch.n_tokens++;
                    batch.token[n] = ids[t];
                    batch.pos[n] = t;
                    batch.n_seq_id[n] = 1;
                    batch.seq_id[n][0] = members.size();
                    batch.logits[n] = 1;
                }
                members.push_back(order[next++]);
            }
            if (llama_memory_t memory = llama_get_memory(context)) llama_memory_clear(memory, true);
            int status = llama_model_has_encoder(model) || !llama_get_memory(context) ? llama_encode(context, batch) : llama_decode(context, batch);
            if (status != 0) fail("llama.cpp could not compute a batch");
            for (size_t i = 0; i < members.size(); i++) {
                const float * v = llama_get_embeddings_seq(context, i);
                if (!v) fail("llama.cpp gave no vector");
                if (vectors) (*vectors)[members[i]].assign(v, v + width);
            }
        }
        llama_batch_free(batch);
    }
};

int main(int argc, char ** argv) {
    llama_log_set([](ggml_log_level level, const char * text, void *) { if (level == GGML_LOG_LEVEL_ERROR) fputs(text, stderr); }, nullptr);
    if (argc == 4 && !strcmp(argv[1], "--quantize")) {
        llama_model_quantize_params p = llama_model_quantize_default_params();
        p.ftype = LLAMA_FTYPE_MOSTLY_Q8_0;
        return llama_model_quantize(argv[2], argv[3], &p) == 0 ? 0 : 2;
    }
    if (argc < 5) fail("usage: llama_embed MODEL.gguf SEQUENCES.jsonl THREADS SECONDS [VECTORS.jsonl]");
    llama_backend_init();
    llama_model_params mp = llama_model_default_params();
    llama_model * model = llama_model_load_from_file(argv[1], mp);
    if (!model) fail(std::string("llama.cpp cannot load ") + argv[1]);
    Sequences sequences = read(argv[2]);
    int threads = atoi(argv[3]);
    double seconds = atof(argv[4]);
    long tokens = 0;
    for (auto & s : sequences) tokens += s.size();
    std::vector<int> order(sequences.size());
    for (size_t i = 0; i < order.size(); i++) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return sequences[a].size() > sequences[b].size(); });

    std::vector<int> sample;
    long sample_tokens = 0;
    size_t step = std::max<size_t>(1, tokens / 2048);
    for (size_t i = 0; i < order.size(); i += step) {
        sample.push_back(order[i]);
        sample_tokens += sequences[order[i]].size();
    }

    struct Way { int budget, at_once; bool flash; };
    Way best{};
    double best_rate = 0;
    for (Way way : {Way{1, 1, false}, Way{1, 1, true}, Way{512, 64, false}, Way{512, 64, true}, Way{2048, 64, false}, Way{2048, 64, true}}) {
        Runner runner(model, sequences, way.budget, way.at_once, way.flash, threads);
        if (!runner.context) continue;
        runner.run(sequences, {sample[0]}, way.at_once, nullptr);
        double start = cpu_seconds();
        runner.run(sequences, sample, way.at_once, nullptr);
        double rate = sample_tokens / (cpu_seconds() - start);
        if (rate > best_rate) { best_rate = rate; best = way; }
    }
    if (best_rate == 0) fail("llama.cpp made no context");

    Runner runner(model, sequences, best.budget, best.at_once, best.flash, threads);
    std::vector<std::vector<float>> vectors(sequences.size());
    runner.run(sequences, order, best.at_once, &vectors);
    if (argc > 5) {
        std::ofstream out(argv[5]);
        for (auto & v : vectors) {
            out << '[';
            for (size_t i = 0; i < v.size(); i++) out << (i ? "," : "") << v[i];
            out << "]\n";
        }
    }
    long done = 0, texts = 0;
    double cpu = cpu_seconds(), start = wall_seconds();
    std::vector<double> times;
    while (wall_seconds() - start < seconds) {
        double before = wall_seconds();
        runner.run(sequences, order, best.at_once, nullptr);
        times.push_back(1000 * (wall_seconds() - before));
        done += tokens;
        texts += sequences.size();
    }
    double wall = wall_seconds() - start;
    cpu = cpu_seconds() - cpu;
    std::sort(times.begin(), times.end());
    printf("{\"engine\":\"llama.cpp\",\"model\":\"%s\",\"sequences\":\"%s\",\"threads\":%d,\"batch_tokens\":%d,\"flash_attention\":%s,\"tokens_per_second\":%.1f,"
           "\"tokens_per_cpu_second\":%.1f,\"texts_per_second\":%.2f,\"pass_p50_milliseconds\":%.3f,\"pass_p95_milliseconds\":%.3f}\n",
           argv[1], argv[2], threads, best.budget, best.flash ? "true" : "false", done / wall, done / cpu, texts / wall,
           times[times.size() / 2], times[times.size() * 95 / 100]);
    return 0;
}
