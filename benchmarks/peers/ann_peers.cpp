// Measures hnswlib and FAISS on the files that "ann" of SearchEngine.Workloads uses, with the same JSON fields.
// Usage: ann_peers ENGINE BASE.fvecs QUERY.fvecs TRUTH.ivecs METRIC M EF_CONSTRUCTION EF,EF,... [INDEX_FILE]
//   ENGINE  hnswlib | faiss-f32 | faiss-fp16 | faiss-int8      METRIC  cosine | dot | l2
// One thread. The index is read from INDEX_FILE if it exists, otherwise built and written there.
#include <hnswlib/hnswlib.h>
#ifdef WITH_FAISS
#include <faiss/IndexHNSW.h>
#include <faiss/index_io.h>
#include <omp.h>
#endif
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

template <typename T>
static std::vector<T> read_vectors(const std::string& path, int& dimension, size_t& count) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) { fprintf(stderr, "cannot read %s\n", path.c_str()); exit(2); }
    size_t bytes = file.tellg();
    file.seekg(0);
    int32_t d = 0;
    file.read(reinterpret_cast<char*>(&d), 4);
    if (d <= 0 || bytes % (4 + 4 * size_t(d)) != 0) { fprintf(stderr, "%s is not fvecs or ivecs\n", path.c_str()); exit(2); }
    dimension = d;
    count = bytes / (4 + 4 * size_t(d));
    std::vector<T> values(count * d);
    file.seekg(0);
    for (size_t i = 0; i < count; i++) {
        file.read(reinterpret_cast<char*>(&d), 4);
        file.read(reinterpret_cast<char*>(values.data() + i * dimension), 4 * size_t(dimension));
    }
    return values;
}

static void normalize(std::vector<float>& values, int dimension) {
    for (size_t i = 0; i < values.size(); i += dimension) {
        double sum = 0;
        for (int d = 0; d < dimension; d++) sum += double(values[i + d]) * values[i + d];
        float scale = float(1 / std::sqrt(sum));
        for (int d = 0; d < dimension; d++) values[i + d] *= scale;
    }
}

static double cpu_seconds() { return double(clock()) / CLOCKS_PER_SEC; }
static double wall_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static size_t resident_bytes() {
    std::ifstream status("/proc/self/statm");
    size_t total = 0, resident = 0;
    status >> total >> resident;
    return resident * 4096;
}

static constexpr int K = 10;

struct Engine {
    virtual ~Engine() = default;
    virtual void build(const float* rows, size_t count) = 0;
    virtual void load(const std::string& path) = 0;
    virtual void save(const std::string& path) = 0;
    virtual void search(const float* query, int ef, int64_t* ids) = 0;
    virtual double bytes_per_vector(size_t count) = 0;
};

struct Hnswlib : Engine {
    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    std::unique_ptr<hnswlib::HierarchicalNSW<float>> index;
    int dimension, m, ef_construction;
    Hnswlib(int dimension, const std::string& metric, int m, int ef_construction) : dimension(dimension), m(m), ef_construction(ef_construction) {
        if (metric == "l2") space = std::make_unique<hnswlib::L2Space>(dimension);
        else space = std::make_unique<hnswlib::InnerProductSpace>(dimension);
    }
    void build(const float* rows, size_t count) override {
        index = std::make_unique<hnswlib::HierarchicalNSW<float>>(space.get(), count, m, ef_construction, 42);
        for (size_t i = 0; i < count; i++) index->addPoint(rows + i * dimension, i);
    }
    void load(const std::string& path) override { index = std::make_unique<hnswlib::HierarchicalNSW<float>>(space.get(), path); }
    void save(const std::string& path) override { index->saveIndex(path); }
    void search(const float* query, int ef, int64_t* ids) override {
        index->setEf(ef);
        auto result = index->searchKnn(query, K);
        int n = 0;
        while (!result.empty()) { ids[n++] = int64_t(result.top().second); result.pop(); }
        while (n < K) ids[n++] = -1;
    }
    double bytes_per_vector(size_t count) override {
        // Rows of vector, links and label, the pointer and lock of each node, and the upper layers.
        double upper = 0;
        for (size_t i = 0; i < count; i++) upper += double(index->size_links_per_element_) * index->element_levels_[i];
        return double(index->size_data_per_element_) + sizeof(void*) + sizeof(int) + upper / double(count);
    }
};

#ifdef WITH_FAISS
struct Faiss : Engine {
    std::unique_ptr<faiss::IndexHNSW> index;
    int dimension;
    Faiss(const std::string& engine, int dimension, const std::string& metric, int m, int ef_construction) : dimension(dimension) {
        omp_set_num_threads(1);
        auto type = metric == "l2" ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT;
        if (engine == "faiss-f32") index = std::make_unique<faiss::IndexHNSWFlat>(dimension, m, type);
        else index = std::make_unique<faiss::IndexHNSWSQ>(dimension, engine == "faiss-fp16" ? faiss::ScalarQuantizer::QT_fp16 : faiss::ScalarQuantizer::QT_8bit, m, type);
        index->hnsw.efConstruction = ef_construction;
    }
    void build(const float* rows, size_t count) override {
        index->train(count, rows);
        index->add(count, rows);
    }
    void load(const std::string& path) override { index.reset(dynamic_cast<faiss::IndexHNSW*>(faiss::read_index(path.c_str()))); }
    void save(const std::string& path) override { faiss::write_index(index.get(), path.c_str()); }
    void search(const float* query, int ef, int64_t* ids) override {
        index->hnsw.efSearch = ef;
        float distances[K];
        index->search(1, query, K, distances, ids);
    }
    double bytes_per_vector(size_t count) override {
        double code = dynamic_cast<faiss::IndexHNSWFlat*>(index.get()) ? 4.0 * dimension
            : double(dynamic_cast<faiss::IndexScalarQuantizer*>(index->storage)->code_size);
        return code + double(index->hnsw.neighbors.size() * 4 + index->hnsw.offsets.size() * 8 + index->hnsw.levels.size() * 4) / double(count);
    }
};
#endif

int main(int argc, char** argv) {
    if (argc < 9) {
        fprintf(stderr, "usage: %s ENGINE BASE QUERY TRUTH METRIC M EF_CONSTRUCTION EFS [INDEX_FILE]\n", argv[0]);
        return 2;
    }
    std::string engine = argv[1], metric = argv[5], file = argc > 9 ? argv[9] : "";
    int m = atoi(argv[6]), ef_construction = atoi(argv[7]), dimension = 0, wanted = 0;
    size_t count = 0, queries = 0, truths = 0;
    std::vector<float> rows = read_vectors<float>(argv[2], dimension, count);
    std::vector<float> query = read_vectors<float>(argv[3], dimension, queries);
    std::vector<int32_t> truth = read_vectors<int32_t>(argv[4], wanted, truths);
    if (metric == "cosine") { normalize(rows, dimension); normalize(query, dimension); }

    std::unique_ptr<Engine> index;
    if (engine == "hnswlib") index = std::make_unique<Hnswlib>(dimension, metric, m, ef_construction);
#ifdef WITH_FAISS
    else if (engine.rfind("faiss-", 0) == 0) index = std::make_unique<Faiss>(engine, dimension, metric, m, ef_construction);
#endif
    else { fprintf(stderr, "unknown engine %s\n", engine.c_str()); return 2; }

    double build_wall = 0, build_cpu = 0;
    if (!file.empty() && std::ifstream(file).good()) {
        index->load(file);
        std::ifstream(file + ".times") >> build_wall >> build_cpu;
    } else {
        double wall = wall_seconds(), cpu = cpu_seconds();
        index->build(rows.data(), count);
        build_wall = wall_seconds() - wall;
        build_cpu = cpu_seconds() - cpu;
        if (!file.empty()) { index->save(file); std::ofstream(file + ".times") << build_wall << " " << build_cpu; }
    }

    std::stringstream list(argv[8]);
    std::string item;
    while (std::getline(list, item, ',')) {
        int ef = atoi(item.c_str());
        size_t found = 0;
        int64_t ids[K];
        for (size_t q = 0; q < queries; q++) {
            index->search(query.data() + q * dimension, ef, ids);
            for (int i = 0; i < K; i++)
                found += std::count(truth.data() + q * wanted, truth.data() + q * wanted + K, int32_t(ids[i]));
        }
        double best = 1e9, total = 0;
        std::vector<double> fastest, latencies(queries);
        for (int pass = 0; pass < 3 || (total < 1.0 && pass < 200); pass++) {
            double start = wall_seconds();
            for (size_t q = 0; q < queries; q++) {
                double t = wall_seconds();
                index->search(query.data() + q * dimension, ef, ids);
                latencies[q] = (wall_seconds() - t) * 1e6;
            }
            double seconds = wall_seconds() - start;
            total += seconds;
            if (seconds < best) { best = seconds; fastest = latencies; }
        }
        std::sort(fastest.begin(), fastest.end());
        printf("{\"ef\":%d,\"recall@10\":%.5f,\"qps\":%.1f,\"p50_us\":%.2f,\"p99_us\":%.2f,\"build_seconds\":%.2f,\"build_cpu_seconds\":%.2f,"
               "\"bytes_per_vector\":%.1f,\"resident_bytes\":%zu,\"quantizer\":\"%s\",\"engine\":\"%s\",\"metric\":\"%s\",\"m\":%d,\"ef_construction\":%d,\"count\":%zu}\n",
               ef, double(found) / double(queries * K), double(queries) / best, fastest[queries / 2], fastest[queries * 99 / 100], build_wall, build_cpu,
               index->bytes_per_vector(count), resident_bytes(), engine == "faiss-int8" ? "int8" : engine == "faiss-fp16" ? "float16" : "none",
               engine.c_str(), metric.c_str(), m, ef_construction, count);
        fflush(stdout);
    }
    return 0;
}
