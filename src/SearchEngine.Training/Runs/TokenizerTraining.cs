using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Training;

/// <summary>How a SentencePiece vocabulary is chosen.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TokenizerAlgorithm>))]
public enum TokenizerAlgorithm
{
    /// <summary>Unigram language model (Kudo 2018): splits words into stems and endings, which suits pooled embeddings.</summary>
    Unigram,

    /// <summary>Byte-pair encoding (Sennrich et al. 2016), as in LLaMA.</summary>
    Bpe,
}

/// <summary>Settings of a tokenizer training.</summary>
public sealed record TokenizerTrainingConfig
{
    /// <summary>The training data.</summary>
    public required IReadOnlyList<DataSource> Data { get; init; }

    /// <summary>The folder to write tokenizer.model and tokenizer_config.json to.</summary>
    public required string Output { get; init; }

    /// <summary>Number of pieces.</summary>
    public int VocabularySize { get; init; } = 16_000;

    /// <summary>How pieces are chosen.</summary>
    public TokenizerAlgorithm Algorithm { get; init; } = TokenizerAlgorithm.Unigram;

    /// <summary>
    /// Also 256 byte pieces for characters outside the vocabulary; without them such a character becomes the unknown token.
    /// </summary>
    public bool ByteFallback { get; init; }

    /// <summary>Share of all characters that get a piece of their own.</summary>
    public double CharacterCoverage { get; init; } = 0.9998;

    /// <summary>
    /// Lower-cases, and sets punctuation that joins words apart by spaces, so that a word has one piece wherever it stands. Built into
    /// tokenizer.model.
    /// </summary>
    public bool FoldCase { get; init; } = true;

    /// <summary>Paragraphs to learn from, drawn evenly over the sources' records.</summary>
    public int MaximumParagraphs { get; init; } = 400_000;

    /// <summary>The configuration file's folder, where relative paths start.</summary>
    [JsonIgnore]
    public string BaseDirectory { get; init; } = Environment.CurrentDirectory;

    /// <summary>Reads a configuration file.</summary>
    /// <exception cref="TrainingException">The file is missing, is not JSON, or has an unknown or missing setting.</exception>
    public static TokenizerTrainingConfig Load(string path)
    {
        if (!File.Exists(path))
            throw new TrainingException($"Configuration file '{path}' does not exist.");
        try
        {
            var config =
                JsonSerializer.Deserialize<TokenizerTrainingConfig>(File.ReadAllText(path), TrainingConfig.JsonOptions)
                ?? throw new TrainingException($"Configuration file '{path}' holds no settings.");
            return config with { BaseDirectory = Path.GetDirectoryName(Path.GetFullPath(path))! };
        }
        catch (JsonException e)
        {
            throw new TrainingException($"Configuration file '{path}': {e.Message}", e);
        }
    }
}

/// <summary>
/// Trains a SentencePiece tokenizer with SentencePiece's own trainer, <c>spm_train</c>, which must be installed (Debian and Ubuntu: package
/// sentencepiece;
/// macOS: brew install sentencepiece).
/// </summary>
public static class TokenizerTraining
{
    private const string Program = "spm_train";
    private const int MaximumLineCharacters = 1500;
    private const int ShortestLineCharacters = 20;

    /// <summary>Punctuation that may stand between or against words without a space; it is set apart.</summary>
    private const string SetApart = "-/([{\"<>=+*#_|~`&:@\\)]}";

    /// <summary>Trains and writes the tokenizer folder.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="messages">Receives what happens.</param>
    /// <param name="cancellationToken">Stops the trainer.</param>
    /// <returns>The path of tokenizer.model.</returns>
    /// <exception cref="TrainingException">The trainer is not installed or failed, or the data cannot be read.</exception>
    public static string Train(
        TokenizerTrainingConfig config,
        IProgress<string>? messages = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.Data.Count == 0)
            throw new TrainingException("The tokenizer configuration is not usable: 'data' names no source.");
        if (config.VocabularySize is < 300 or > 65_536)
        {
            throw new TrainingException(
                $"The tokenizer configuration is not usable: 'vocabularySize' {config.VocabularySize} is outside 300..65536."
            );
        }
        var output = Path.GetFullPath(Path.Combine(config.BaseDirectory, config.Output));
        Directory.CreateDirectory(output);
        var work = Directory.CreateTempSubdirectory("tokenizer-training-");
        try
        {
            var text = Path.Combine(work.FullName, "text.txt");
            var lines = WriteText(config, text, cancellationToken);
            messages?.Report($"{lines:N0} paragraphs");
            Run(config, work.FullName, text, messages, cancellationToken);
            var model = Path.Combine(output, "tokenizer.model");
            File.Move(Path.Combine(work.FullName, "trained.model"), model, overwrite: true);
            TrainedModelFolder.WriteTokenizerConfig(output);
            return model;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <summary>
    /// The character rules of <see cref="TokenizerTrainingConfig.FoldCase"/> in SentencePiece's form: code points, a tab, code points.
    /// </summary>
    internal static string NormalizationRules()
    {
        var rules = new SortedDictionary<int, string>();
        for (var c = 'A'; c < char.MaxValue; c++)
        {
            if (!char.IsSurrogate(c) && char.ToLowerInvariant(c) is var lower && lower != c)
                rules[c] = lower.ToString();
        }

        foreach (var c in SetApart)
            rules[c] = $" {c} ";
        foreach (var dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
            rules[dash] = " - ";
        foreach (var apostrophe in "\u2018\u2019\u201b\u2032")
            rules[apostrophe] = "'";
        foreach (var quote in "\u201c\u201d\u201e\u00ab\u00bb")
            rules[quote] = " \" ";
        foreach (var space in "\t\n\r\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000")
            rules[space] = " ";
        rules['\u2026'] = "...";
        var text = new StringBuilder();
        foreach (var (from, to) in rules)
        {
            text.Append(from.ToString("X", CultureInfo.InvariantCulture))
                .Append('\t')
                .AppendJoin(' ', to.Select(c => ((int)c).ToString("X", CultureInfo.InvariantCulture)))
                .Append('\n');
        }
        return text.ToString();
    }

    private static int WriteText(TokenizerTrainingConfig config, string path, CancellationToken cancellationToken)
    {
        using var writer = new StreamWriter(path);
        var written = 0;
        foreach (var source in config.Data)
        {
            foreach (var document in DataSourceReader.Read(source, config.BaseDirectory))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Write(document.Title);
                Write(document.Description);
                foreach (var paragraph in document.Sections.SelectMany(s => s.Paragraphs))
                    Write(paragraph);
            }
        }

        return written > 0 ? written : throw new TrainingException("The data hold no paragraph long enough to learn a tokenizer from.");

        void Write(string text)
        {
            text = text.Replace('\n', ' ').Trim();
            for (var at = 0; at < text.Length; at += MaximumLineCharacters)
            {
                var line = text.AsSpan(at, Math.Min(MaximumLineCharacters, text.Length - at));
                if (line.Length < ShortestLineCharacters)
                    continue;
                writer.WriteLine(line);
                written++;
            }
        }
    }

    private static void Run(
        TokenizerTrainingConfig config,
        string work,
        string text,
        IProgress<string>? messages,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo(Program)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = work,
        };
        void Argument(string name, object value) =>
            start.ArgumentList.Add($"--{name}={Convert.ToString(value, CultureInfo.InvariantCulture)}");
        Argument("input", text);
        Argument("model_prefix", Path.Combine(work, "trained"));
        Argument("vocab_size", config.VocabularySize);
        Argument("model_type", config.Algorithm == TokenizerAlgorithm.Bpe ? "bpe" : "unigram");
        Argument("byte_fallback", config.ByteFallback ? "true" : "false");
        Argument("character_coverage", config.CharacterCoverage);
        Argument("num_threads", Environment.ProcessorCount);
        Argument("input_sentence_size", config.MaximumParagraphs);
        Argument("shuffle_input_sentence", "true");
        Argument("max_sentence_length", 4 * MaximumLineCharacters);
        Argument("unk_id", 0);
        Argument("bos_id", 1);
        Argument("eos_id", 2);
        Argument("pad_id", -1);
        if (config.FoldCase)
        {
            var rules = Path.Combine(work, "rules.tsv");
            File.WriteAllText(rules, NormalizationRules());
            Argument("normalization_rule_tsv", rules);
        }
        else
        {
            Argument("normalization_rule_name", "identity");
        }

        messages?.Report($"{Program} {config.Algorithm} {config.VocabularySize}");
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new TrainingException(
                $"SentencePiece's trainer '{Program}' is not installed or not on the PATH. Install it (Debian and Ubuntu: apt install sentencepiece; macOS: brew install sentencepiece), or use the tokenizer of an existing model.",
                e
            );
        }

        using (process)
        using (cancellationToken.Register(() => process.Kill(entireProcessTree: true)))
        {
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            cancellationToken.ThrowIfCancellationRequested();
            if (process.ExitCode != 0)
            {
                var last = (errors + output.Result).Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "no message";
                throw new TrainingException($"{Program} failed with exit code {process.ExitCode}: {last}");
            }
        }
    }
}
