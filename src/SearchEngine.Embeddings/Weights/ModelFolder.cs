using System.Text.Json;
using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Tokenization;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>
/// What a model folder says: where the weights, adapters and tokenizer lie, and how text becomes a vector. Three layouts are read: a
/// plain Hugging Face checkpoint; an adapter folder (PEFT, or LLM2Vec with llm2vec_config.json) whose base is found through
/// base_model_name_or_path; a sentence-transformers folder (modules.json).
/// </summary>
internal sealed record ModelFolder
{
    private const int LongestAdapterChain = 8;

    private const string SentenceTransformersLayout = "sentence-transformers";

    /// <summary>The folder that was asked for.</summary>
    public required string Path { get; init; }

    /// <summary>The folder with config.json and model.safetensors.</summary>
    public required string BaseFolder { get; init; }

    /// <summary>The folder with the tokenizer, or null if there is none.</summary>
    public string? TokenizerFolder { get; init; }

    /// <summary>Adapters in the order of application.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];

    /// <summary>"plain", "adapter" or "sentence-transformers", for people.</summary>
    public required string Layout { get; init; }

    /// <summary>True for a folder with modules.json.</summary>
    public bool IsSentenceTransformers => Layout == SentenceTransformersLayout;

    /// <summary>What the layout implies; see <see cref="AttentionFor"/>.</summary>
    public AttentionMode Attention { get; init; } = AttentionMode.Bidirectional;

    /// <summary>True if llm2vec_config.json says which attention the model was trained for.</summary>
    public bool AttentionStated { get; init; }

    public PoolingMode Pooling { get; init; } = PoolingMode.Mean;

    /// <summary>Null: the folder does not say.</summary>
    public bool? Normalize { get; init; }

    /// <summary>The most tokens of a text with template and prompt.</summary>
    public int MaxLength { get; init; } = DefaultMaxLength;

    /// <summary>The most tokens of the text alone, or null.</summary>
    public int? DocumentMaxLength { get; init; }

    /// <summary>Whether pooling leaves out all but the text's own tokens.</summary>
    public bool SkipInstruction { get; init; } = true;

    public string QueryPrompt { get; init; } = "";

    public string DocumentPrompt { get; init; } = "";

    /// <summary>
    /// The chat markers that the LLM2Vec reference puts around every text of models that rest on these instruction-tuned ones, by the
    /// <c>_name_or_path</c> of their config.json. What is behind the text is pooled with it.
    /// </summary>
    private static readonly Dictionary<string, (string Before, string Behind)> ChatMarkers = new(StringComparer.Ordinal)
    {
        ["meta-llama/Meta-Llama-3-8B-Instruct"] = ("<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>"),
        ["mistralai/Mistral-7B-Instruct-v0.2"] = ("[INST] ", " [/INST]"),
        ["meta-llama/Llama-2-7b-chat-hf"] = ("[INST] ", " [/INST]"),
    };

    /// <summary>The chat model that an LLM2Vec model rests on, if its texts stand between chat markers.</summary>
    public string? ChatModel { get; init; }

    /// <summary>Put in front of every text, before prompt and instruction; empty but for LLM2Vec models of chat models.</summary>
    public string TextBefore => ChatModel is null ? "" : ChatMarkers[ChatModel].Before;

    /// <summary>Put behind every text.</summary>
    public string TextBehind => ChatModel is null ? "" : ChatMarkers[ChatModel].Behind;

    /// <summary>Vector lengths that the model was trained for, longest first; empty if it does not say.</summary>
    public IReadOnlyList<int> Dimensions { get; init; } = [];

    /// <summary>What was measured of the vectors beside keywords; null if the folder does not say.</summary>
    public HybridRecord? Hybrid { get; init; }

    /// <summary>Folders of linear layers behind the pooling, in order.</summary>
    public IReadOnlyList<string> DenseFolders { get; init; } = [];

    /// <summary>The reference's default for <see cref="MaxLength"/>.</summary>
    public const int DefaultMaxLength = 512;

    /// <summary>Reads a folder.</summary>
    /// <exception cref="ModelFormatException">Something is missing, damaged or not supported.</exception>
    public static ModelFolder Read(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new ArgumentException("A model folder is needed.", nameof(path));
        path = System.IO.Path.GetFullPath(path);
        if (File.Exists(path))
        {
            throw new ModelFormatException(
                path,
                path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
                    ? ForeignFile.GgufAdvice
                    : "this is a file; point at the model's folder."
            );
        }
        if (!Directory.Exists(path))
            throw new ModelFormatException(path, "there is no such folder.");
        if (HubCache.IsModel(path))
            path = HubCache.Snapshot(path, revision: null);
        var folder = File.Exists(System.IO.Path.Combine(path, "modules.json")) ? ReadSentenceTransformers(path) : ReadTransformer(path);
        if (ModelConfigReader.IsEncoder(folder.BaseFolder))
            folder = folder.AsEncoder();
        folder = folder with { Hybrid = HybridRecord.Read(path) };
        return Llm2VecConfig.Read(path) is Llm2VecConfig own ? folder.With(own).WithChatMarkers() : folder;
    }

    /// <summary>
    /// What the sentence-transformers library makes of an encoder where the folder does not say: attention both ways, and all tokens
    /// pooled, those of the template too.
    /// </summary>
    private ModelFolder AsEncoder() =>
        this with
        {
            Attention = AttentionMode.Bidirectional,
            SkipInstruction = IsSentenceTransformers && SkipInstruction,
        };

    private ModelFolder WithChatMarkers()
    {
        foreach (var folder in new[] { Path, BaseFolder })
        {
            var name = JsonFile.ReadObjectIfExists(System.IO.Path.Combine(folder, "config.json"))?.Text("_name_or_path");
            if (name is not null && ChatMarkers.ContainsKey(name))
                return this with { ChatModel = name };
        }
        return this;
    }

    /// <summary>
    /// The attention of a model: llm2vec_config.json's word goes first, then config.json's, then what the layout implies.
    /// </summary>
    public AttentionMode AttentionFor(IModelConfig config) =>
        AttentionStated || (config as DecoderConfig)?.Bidirectional is not bool bidirectional ? Attention
        : bidirectional ? AttentionMode.Bidirectional
        : AttentionMode.Causal;

    private ModelFolder With(Llm2VecConfig own) =>
        this with
        {
            AttentionStated = own.Bidirectional is not null,
            Attention =
                own.Bidirectional is bool bidirectional ? (bidirectional ? AttentionMode.Bidirectional : AttentionMode.Causal)
                : IsSentenceTransformers ? AttentionMode.Bidirectional
                : Attention,
            Pooling = own.Pooling ?? Pooling,
            Normalize = own.Normalize ?? Normalize,
            MaxLength = own.MaxLength ?? MaxLength,
            DocumentMaxLength = own.DocumentMaxLength ?? DocumentMaxLength,
            SkipInstruction = own.SkipInstruction ?? SkipInstruction,
            QueryPrompt = own.QueryPrompt ?? QueryPrompt,
            DocumentPrompt = own.DocumentPrompt ?? DocumentPrompt,
            Dimensions = own.Dimensions is { } lengths ? [.. lengths.OrderDescending()] : Dimensions,
        };

    /// <summary>A checkpoint, or a chain of adapters that ends in one.</summary>
    private static ModelFolder ReadTransformer(string path)
    {
        List<string> adapters = [];
        var current = path;
        while (PeftAdapter.Exists(current))
        {
            adapters.Insert(0, current);
            if (adapters.Count > LongestAdapterChain)
            {
                throw new ModelFormatException(
                    path,
                    $"more than {LongestAdapterChain} adapters rest on each other; the chain goes in a circle or is not meant."
                );
            }
            if (SafetensorsSet.Exists(current))
                break;
            current = FindBase(current);
        }
        var tokenizer = new[] { path }.Concat(adapters.AsEnumerable().Reverse()).Append(current).FirstOrDefault(HasTokenizer);
        return new ModelFolder
        {
            Path = path,
            BaseFolder = current,
            TokenizerFolder = tokenizer,
            Adapters = adapters,
            Layout = adapters.Count > 0 ? "adapter" : "plain",
        };
    }

    /// <summary>The folder that an adapter names as its base: as a path, beside the adapter, or in the Hugging Face cache.</summary>
    private static string FindBase(string adapter)
    {
        var own = PeftAdapter.Open(adapter);
        var name =
            own.BaseModel
            ?? JsonFile.ReadObjectIfExists(System.IO.Path.Combine(adapter, "config.json"))?.Text("_name_or_path")
            ?? throw new ModelFormatException(adapter, "adapter_config.json names no base model (base_model_name_or_path).");
        var last = System.IO.Path.GetFileName(name.TrimEnd('/', '\\'));
        List<string> candidates = [];
        foreach (var root in new[] { adapter, System.IO.Path.GetDirectoryName(adapter) ?? adapter, Environment.CurrentDirectory })
        {
            candidates.Add(System.IO.Path.GetFullPath(name, root));
            candidates.Add(System.IO.Path.Combine(root, last));
        }

        // An adapter inside its base model's folder, as in BASE/adapter-mntp.
        if (
            System.IO.Path.GetDirectoryName(adapter) is string parent
            && (System.IO.Path.GetFileName(parent) == last || name is "." or "..")
        )
        {
            candidates.Add(parent);
        }
        var place = System.IO.Path.GetFullPath(adapter);
        return candidates.FirstOrDefault(c => System.IO.Path.GetFullPath(c) != place && (PeftAdapter.Exists(c) || SafetensorsSet.Exists(c)))
            ?? HubCache.Find(name, own.Revision)
            ?? throw new ModelFormatException(
                adapter,
                $"the adapter rests on '{name}', which was not found as a path, beside the adapter or in the Hugging Face cache; put its folder beside the adapter as '{last}', or give base and adapter separately."
            );
    }

    private static ModelFolder ReadSentenceTransformers(string path)
    {
        var modules = JsonFile.Read(System.IO.Path.Combine(path, "modules.json"));
        if (modules.Root.ValueKind != JsonValueKind.Array)
            throw new ModelFormatException(modules.Path, "the file is not a JSON array.");
        ModelFolder? folder = null;
        PoolingMode? pooling = null;
        var includePrompt = true;
        var normalize = false;
        List<string> dense = [];
        foreach (var module in modules.Root.EnumerateArray())
        {
            var type = StringOf(module, "type");
            var place = System.IO.Path.GetFullPath(StringOf(module, "path"), path);
            switch (type.Split('.')[^1])
            {
                case "Transformer":
                    folder = ReadTransformer(place);
                    break;
                case "Pooling":
                    (pooling, includePrompt) = ReadPooling(System.IO.Path.Combine(place, "config.json"));
                    break;
                case "Dense":
                    dense.Add(place);
                    break;
                case "Normalize":
                    normalize = true;
                    break;
                default:
                    throw new ModelFormatException(
                        modules.Path,
                        $"the module type '{type}' is not supported; supported are Transformer, Pooling, Dense and Normalize."
                    );
            }
        }
        if (folder is null || pooling is null)
            throw new ModelFormatException(modules.Path, "a Transformer and a Pooling module are needed.");
        (var query, var document) = ReadPrompts(path);
        return folder with
        {
            Path = path,
            Layout = SentenceTransformersLayout,
            TokenizerFolder = folder.TokenizerFolder ?? (HasTokenizer(path) ? path : null),
            Attention = AttentionMode.Causal,
            Pooling = pooling.Value,
            Normalize = normalize,
            MaxLength = ReadMaxLength(folder) ?? DefaultMaxLength,
            SkipInstruction = !includePrompt,
            QueryPrompt = query,
            DocumentPrompt = document,
            DenseFolders = dense,
        };

        string StringOf(JsonElement module, string name) =>
            module.ValueKind == JsonValueKind.Object
            && module.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : throw new ModelFormatException(modules.Path, $"a module has no '{name}'.");
    }

    private static (PoolingMode Mode, bool IncludePrompt) ReadPooling(string path)
    {
        var file = JsonFile.ReadObjectIfExists(path) ?? throw new ModelFormatException(path, "the pooling configuration is missing.");
        const string Prefix = "pooling_mode_";
        List<string> modes = [];
        foreach (var property in file.Root.EnumerateObject())
        {
            if (property.Name.StartsWith(Prefix, StringComparison.Ordinal) && property.Value.ValueKind == JsonValueKind.True)
                modes.Add(property.Name[Prefix.Length..]);
        }
        if (file.Field("pooling_mode") is { ValueKind: JsonValueKind.String } named)
            modes = [named.GetString()!];
        if (modes.Count != 1)
        {
            throw new ModelFormatException(
                path,
                modes.Count == 0
                    ? "no pooling mode is chosen."
                    : $"several pooling modes at once ({string.Join(", ", modes)}) are not supported."
            );
        }
        var mode =
            PoolingModes.Parse(modes[0])
            ?? throw new ModelFormatException(
                path,
                $"the pooling mode '{modes[0]}' is not supported; supported are mean, weightedmean, max, mean_sqrt_len, lasttoken and cls."
            );
        return (mode, file.Flag("include_prompt") ?? true);
    }

    private static (string Query, string Document) ReadPrompts(string path)
    {
        var file = JsonFile.ReadObjectIfExists(System.IO.Path.Combine(path, "config_sentence_transformers.json"));
        if (file?.Field("prompts") is not JsonElement prompts || prompts.ValueKind != JsonValueKind.Object)
            return ("", "");
        string? Prompt(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (prompts.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
                    return value.GetString();
            }
            return null;
        }
        var standard = file.Text("default_prompt_name") is string name ? Prompt(name) ?? "" : "";
        return (Prompt("query", "Retrieval-query") ?? standard, Prompt("document", "passage", "corpus", "Retrieval-document") ?? standard);
    }

    /// <summary>The names under which versions of the library keep a Transformer module's settings.</summary>
    private static readonly string[] SettingsFiles =
    [
        "sentence_bert_config.json",
        "sentence_roberta_config.json",
        "sentence_distilbert_config.json",
        "sentence_camembert_config.json",
        "sentence_albert_config.json",
        "sentence_xlm-roberta_config.json",
        "sentence_xlnet_config.json",
    ];

    private static int? ReadMaxLength(ModelFolder transformer)
    {
        var file = SettingsFiles
            .Select(name => JsonFile.ReadObjectIfExists(System.IO.Path.Combine(transformer.Path, name)))
            .FirstOrDefault(found => found is not null);
        if (file?.Flag("do_lower_case") is true)
            throw new ModelFormatException(file.Path, "'do_lower_case' is not supported.");
        if (file?.Integer("max_seq_length") is int length)
            return length > 0 ? length : throw new ModelFormatException(file.Path, $"'max_seq_length' is {length}, not a positive number.");

        // Where the folder does not say, the reference takes the smaller of what the model and its tokenizer can.
        var positions = JsonFile
            .ReadObjectIfExists(System.IO.Path.Combine(transformer.BaseFolder, "config.json"))
            ?.Integer("max_position_embeddings");
        var tokenizer = transformer.TokenizerFolder is string folder ? new TokenizerConfiguration(folder).LongestInput : null;
        return positions is null ? tokenizer : Math.Min(positions.Value, tokenizer ?? positions.Value);
    }

    private static bool HasTokenizer(string folder) =>
        File.Exists(System.IO.Path.Combine(folder, "tokenizer.json"))
        || File.Exists(System.IO.Path.Combine(folder, "tokenizer.model"))
        || File.Exists(System.IO.Path.Combine(folder, WordPieceFile.FileName))
        || File.Exists(System.IO.Path.Combine(folder, TextTokenizer.FairseqModel))
        || Gpt2Files.Find(folder) is not null
        || (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.tiktoken").Any());
}
