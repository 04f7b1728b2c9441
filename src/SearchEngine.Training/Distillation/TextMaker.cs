using System.Text;

namespace SearchEngine.Training.Distillation;

/// <summary>
/// Draws the texts of a distillation: sentences, passages, titles and made-up queries of the data sources. Text i is a function of (seed,
/// i, data), and
/// the first n of m texts are those of a run that asks for n, so that a cache of teacher vectors serves shorter and longer runs alike.
/// Immutable.
/// </summary>
internal sealed class TextMaker
{
    private const int Stream = 11;

    /// <summary>Draws per wanted text before the data are said to hold no more.</summary>
    private const int DrawsPerText = 20;

    /// <summary>Drawn side by side on all cores.</summary>
    private const int DrawsAtOnce = 4096;

    private const int ShortestText = 3;

    private readonly Pool[] _pools;
    private readonly double[] _weights;
    private readonly TextShares _shares;
    private readonly int _maximumCharacters;
    private readonly int _maximumLongCharacters;
    private readonly long _seed;

    /// <param name="sources">The data.</param>
    /// <param name="baseDirectory">Where relative paths start.</param>
    /// <param name="shares">How often each form is drawn.</param>
    /// <param name="maximumCharacters">Longest passage.</param>
    /// <param name="maximumLongCharacters">Longest of the long passages.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="TrainingException">A source cannot be read or holds nothing.</exception>
    public TextMaker(
        IReadOnlyList<DataSource> sources,
        string baseDirectory,
        TextShares shares,
        int maximumCharacters,
        int maximumLongCharacters,
        long seed
    )
    {
        _shares = shares;
        _maximumCharacters = maximumCharacters;
        _maximumLongCharacters = maximumLongCharacters;
        _seed = seed;
        _pools = [.. sources.Select(s => Pool.Read(s, baseDirectory))];
        var total = 0.0;
        _weights = [.. _pools.Select(p => total += p.Weight)];
    }

    /// <summary>The first texts, all different.</summary>
    /// <param name="count">How many are wanted.</param>
    /// <param name="cancellationToken">Ends the drawing.</param>
    /// <returns>As many, or fewer where the data hold no more different ones.</returns>
    public List<DistillationText> Take(int count, CancellationToken cancellationToken = default)
    {
        var seen = new HashSet<string>(count, StringComparer.Ordinal);
        var texts = new List<DistillationText>(count);
        for (var first = 0L; texts.Count < count && first < (long)count * DrawsPerText; first += DrawsAtOnce)
        {
            var drawn = Enumerable
                .Range(0, DrawsAtOnce)
                .AsParallel()
                .AsOrdered()
                .WithCancellation(cancellationToken)
                .Select(i => Draw(first + i))
                .ToArray();
            foreach (var drawnText in drawn)
            {
                if (drawnText is { } text && texts.Count < count && seen.Add(text.Text))
                    texts.Add(text);
            }
        }

        if (texts.Count == 0)
            throw new TrainingException("The data hold no text of at least three characters to learn from.");
        return texts;
    }

    /// <summary>Text of a number; null where what was drawn is no text to learn from.</summary>
    private DistillationText? Draw(long number)
    {
        var random = DeterministicRandom.For(_seed, Stream, number);
        var text = Draw(ref random);
        return text.Text.Length >= ShortestText && IsLanguage(text.Text) ? text : null;
    }

    private DistillationText Draw(ref DeterministicRandom random)
    {
        var at = random.NextDouble() * _weights[^1];
        var pool = _pools[
            Math.Min(Array.FindIndex(_weights, w => at < w) is var found && found >= 0 ? found : _pools.Length - 1, _pools.Length - 1)
        ];
        var document = pool.Documents[random.Next(pool.Documents.Length)];
        var section = document.Sections.Count > 0 ? document.Sections[random.Next(document.Sections.Count)] : null;
        var paragraph = section?.Paragraphs.Count > 0 ? section.Paragraphs[random.Next(section.Paragraphs.Count)] : "";
        var form = random.NextDouble() * _shares.Sum;
        if ((form -= _shares.Titles) < 0)
            return Title(pool, document, section?.Heading ?? "", ref random);
        var sentences = SentenceSplitter.Split(paragraph);
        if (sentences.Count == 0)
            return Title(pool, document, "", ref random);
        var first = random.Next(sentences.Count);
        if ((form -= _shares.Queries) < 0)
        {
            var fromTitle = document.Title.Length > 0 && random.Next(3) == 0;
            var made =
                !fromTitle ? QueryMaker.FromSentence(sentences[first], ref random)
                : pool.TitlesAreTexts ? QueryMaker.FromSentence(document.Title, ref random)
                : QueryMaker.FromTitle(document.Title, section!.Heading, ref random);
            return new DistillationText(made, TextRole.Query);
        }

        if ((form -= _shares.LongPassages) < 0)
            return new DistillationText(Long(document, ref random), TextRole.Document);
        if ((form - _shares.Passages) < 0)
            return new DistillationText(Cut(string.Join(' ', sentences.Skip(first).Take(random.Next(2, 6)))), TextRole.Document);
        return new DistillationText(Cut(sentences[first]), TextRole.Document);
    }

    private DistillationText Title(Pool pool, TrainingDocument document, string heading, ref DeterministicRandom random)
    {
        if (document.Description.Length > 0 && random.Next(2) == 0)
            return new DistillationText(Cut(document.Description), TextRole.Document);
        if (pool.TitlesAreQueries)
            return new DistillationText(Cut(document.Title), TextRole.Query);
        return new DistillationText(
            Cut(heading.Length > 0 && random.Next(3) == 0 ? $"{document.Title}: {heading}" : document.Title),
            TextRole.Document
        );
    }

    /// <summary>False for lines of markup, tables and code: fewer than two in three characters are letters or spaces.</summary>
    private static bool IsLanguage(string text)
    {
        var language = 0;
        foreach (var c in text)
            language += char.IsLetter(c) || c == ' ' ? 1 : 0;
        return language * 3 >= text.Length * 2;
    }

    private string Long(TrainingDocument document, ref DeterministicRandom random)
    {
        var paragraphs = document.Sections.SelectMany(s => s.Paragraphs).ToArray();
        var first = random.Next(paragraphs.Length);
        var length = _maximumLongCharacters / 3 + random.Next(_maximumLongCharacters * 2 / 3 + 1);
        var text = new StringBuilder();
        if (document.Title.Length > 0 && random.Next(2) == 0)
            text.Append(document.Title).Append('\n');
        for (var i = first; i < paragraphs.Length && text.Length < length; i++)
            text.Append(paragraphs[i]).Append('\n');
        return Cut(text.ToString(), length);
    }

    private string Cut(string text) => Cut(text, _maximumCharacters);

    /// <summary>At most the longest length, ended at a space.</summary>
    private static string Cut(string text, int maximum)
    {
        text = text.Trim();
        if (text.Length <= maximum)
            return text;
        var space = text.LastIndexOf(' ', maximum);
        return text[..(space > 0 ? space : maximum)];
    }

    /// <summary>The documents of one source and how often it is drawn from.</summary>
    private sealed record Pool(TrainingDocument[] Documents, double Weight, DataSourceKind Kind)
    {
        /// <summary>Titles are questions or queries as people ask them.</summary>
        public bool TitlesAreQueries => Kind is DataSourceKind.QuestionAnswer or DataSourceKind.Pairs;

        /// <summary>Titles are whole sentences: nothing to put into a question's form.</summary>
        public bool TitlesAreTexts => TitlesAreQueries || Kind == DataSourceKind.SplitSentences;

        public static Pool Read(DataSource source, string baseDirectory)
        {
            var documents = DataSourceReader.Read(source, baseDirectory).ToArray();
            if (documents.Length == 0)
            {
                throw new TrainingException(
                    $"Source '{source.DisplayName}' holds no record to train on: all are held out. Correct 'holdOutOneIn' or 'limit'."
                );
            }
            return new Pool(documents, source.Weight ?? documents.Length, source.Kind);
        }
    }
}
