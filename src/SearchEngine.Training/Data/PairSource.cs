namespace SearchEngine.Training;

/// <summary>A query, a text that should be near it, and texts that should not; token ids without special tokens.</summary>
internal readonly record struct TokenPair(int[] Query, int[] Positive, int[][] Negatives);

/// <summary>
/// The pairs of one kind from one corpus. <see cref="Units"/> are the documents or passages that have such a pair; which crop of them is
/// taken is
/// random at each draw, so that an epoch never repeats itself. Immutable and thread-safe.
/// </summary>
internal sealed class PairSource
{
    /// <summary>Shortest crop worth matching.</summary>
    private const int MinimumCrop = 6;

    /// <summary>Share of positives that carry their document's title, as indexed documents do.</summary>
    private const double TitlePrefixShare = 0.5;

    private readonly TokenizedCorpus _corpus;
    private readonly int[] _units;

    public PairSource(TokenizedCorpus corpus, PairKind kind, double weight)
    {
        _corpus = corpus;
        Kind = kind;
        Weight = weight;
        _units = [.. FindUnits()];
    }

    public PairKind Kind { get; }

    public double Weight { get; }

    public string Name => $"{_corpus.Source.DisplayName}/{Kind}";

    /// <summary>How many distinct units there are.</summary>
    public int Units => _units.Length;

    /// <summary>The kinds a source of a kind offers when its configuration names none, with their relative frequency.</summary>
    public static IReadOnlyDictionary<PairKind, double> DefaultKinds(DataSourceKind kind) =>
        kind switch
        {
            DataSourceKind.Articles => new Dictionary<PairKind, double>
            {
                [PairKind.SentencePassage] = 4,
                [PairKind.TitleLead] = 1,
                [PairKind.HeadingSection] = 1.5,
                [PairKind.Crops] = 1,
                [PairKind.Adjacent] = 0.5,
            },
            DataSourceKind.Described => new Dictionary<PairKind, double>
            {
                [PairKind.DescriptionText] = 0.25,
                [PairKind.TitleLead] = 0.15,
                [PairKind.HeadingSection] = 0.2,
                [PairKind.SentencePassage] = 0.2,
            },
            DataSourceKind.QuestionAnswer => new Dictionary<PairKind, double> { [PairKind.TitleLead] = 1, [PairKind.SentencePassage] = 1 },
            DataSourceKind.SplitSentences => new Dictionary<PairKind, double> { [PairKind.TitleLead] = 0.3 },
            DataSourceKind.Texts => new Dictionary<PairKind, double> { [PairKind.SentencePassage] = 1, [PairKind.Crops] = 1 },
            DataSourceKind.Pairs => new Dictionary<PairKind, double> { [PairKind.Given] = 1 },
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };

    /// <summary>Draws the pair of one unit.</summary>
    /// <param name="unit">0 ≤ unit &lt; <see cref="Units"/>.</param>
    /// <param name="maximumTokens">Longest query and positive.</param>
    /// <param name="random">Chooses crops.</param>
    public TokenPair Draw(int unit, int maximumTokens, ref DeterministicRandom random)
    {
        var item = _units[unit];
        switch (Kind)
        {
            case PairKind.Given:
            {
                var document = _corpus.Documents[item];
                var negatives = new int[document.NegativeCount][];
                for (var i = 0; i < negatives.Length; i++)
                    negatives[i] = Cut(_corpus.Sentences[document.FirstNegative + i], maximumTokens);
                return new TokenPair(
                    Cut(_corpus.Sentences[document.Title], maximumTokens),
                    Window(document.FirstPassage, maximumTokens, false, ref random),
                    negatives
                );
            }

            case PairKind.TitleLead:
            {
                var document = _corpus.Documents[item];
                var among = Math.Min(document.PassageCount, random.NextDouble() < 0.7 ? 1 : 3);
                return Pair(
                    _corpus.Sentences[document.Title],
                    Window(document.FirstPassage + random.Next(among), maximumTokens, false, ref random),
                    maximumTokens
                );
            }

            case PairKind.DescriptionText:
            {
                var document = _corpus.Documents[item];
                var passage = document.FirstPassage + random.Next(document.PassageCount);
                return Pair(_corpus.Sentences[document.Description], Window(passage, maximumTokens, true, ref random), maximumTokens);
            }

            case PairKind.HeadingSection:
            {
                var passage = _corpus.Passages[item];
                var title = _corpus.Documents[passage.Document].Title;
                var heading = _corpus.Sentences[passage.Heading];
                var query = title < 0 ? heading : [.. _corpus.Sentences[title], .. heading];
                return Pair(query, Window(item, maximumTokens, false, ref random), maximumTokens);
            }

            case PairKind.SentencePassage:
                return SentenceAndPassage(item, maximumTokens, ref random);

            case PairKind.Crops:
            {
                var tokens = Tokens(_corpus.Passages[item]);
                return Pair(Crop(tokens, maximumTokens / 2, ref random), Crop(tokens, maximumTokens, ref random), maximumTokens);
            }

            case PairKind.Adjacent:
                return Pair(
                    Window(item, maximumTokens / 2, false, ref random),
                    Window(item + 1, maximumTokens, false, ref random),
                    maximumTokens
                );

            default:
                throw new InvalidOperationException($"Unknown pair kind {Kind}.");
        }
    }

    private IEnumerable<int> FindUnits()
    {
        var documents = _corpus.Documents;
        var passages = _corpus.Passages;
        return Kind switch
        {
            PairKind.Given or PairKind.TitleLead => Enumerable
                .Range(0, documents.Count)
                .Where(d => documents[d].Title >= 0 && documents[d].PassageCount > 0),
            PairKind.DescriptionText => Enumerable
                .Range(0, documents.Count)
                .Where(d => documents[d].Description >= 0 && documents[d].PassageCount > 0),
            PairKind.HeadingSection => Enumerable.Range(0, passages.Count).Where(p => passages[p].Heading >= 0),
            PairKind.SentencePassage => Enumerable.Range(0, passages.Count).Where(p => passages[p].SentenceCount > 1),
            PairKind.Crops => Enumerable.Range(0, passages.Count).Where(p => Length(passages[p]) >= 3 * MinimumCrop),
            PairKind.Adjacent => Enumerable
                .Range(0, Math.Max(0, passages.Count - 1))
                .Where(p => passages[p].Document == passages[p + 1].Document),
            _ => throw new InvalidOperationException($"Unknown pair kind {Kind}."),
        };
    }

    private TokenPair SentenceAndPassage(int item, int maximumTokens, ref DeterministicRandom random)
    {
        var passage = _corpus.Passages[item];
        var chosen = passage.FirstSentence + random.Next(passage.SentenceCount);
        var keep = random.NextDouble() < 0.1;
        var positive = new List<int>(maximumTokens);
        AddTitle(positive, passage.Document, ref random);
        for (var s = passage.FirstSentence; s < passage.FirstSentence + passage.SentenceCount && positive.Count < maximumTokens; s++)
        {
            if (s != chosen || keep)
                positive.AddRange(_corpus.Sentences[s]);
        }

        return Pair(_corpus.Sentences[chosen], [.. positive], maximumTokens);
    }

    /// <summary>The start of a passage, with its document's title before it in some draws.</summary>
    private int[] Window(int passage, int maximumTokens, bool withTitle, ref DeterministicRandom random)
    {
        var found = _corpus.Passages[passage];
        var tokens = new List<int>(maximumTokens);
        if (withTitle)
            AddTitle(tokens, found.Document, ref random);
        for (var s = found.FirstSentence; s < found.FirstSentence + found.SentenceCount && tokens.Count < maximumTokens; s++)
            tokens.AddRange(_corpus.Sentences[s]);
        return Cut([.. tokens], maximumTokens);
    }

    private void AddTitle(List<int> tokens, int document, ref DeterministicRandom random)
    {
        var title = _corpus.Documents[document].Title;
        if (title >= 0 && random.NextDouble() < TitlePrefixShare)
            tokens.AddRange(_corpus.Sentences[title]);
    }

    private int[] Tokens(Passage passage)
    {
        var tokens = new List<int>();
        for (var s = passage.FirstSentence; s < passage.FirstSentence + passage.SentenceCount; s++)
            tokens.AddRange(_corpus.Sentences[s]);
        return [.. tokens];
    }

    private int Length(Passage passage)
    {
        var length = 0;
        for (var s = passage.FirstSentence; s < passage.FirstSentence + passage.SentenceCount; s++)
            length += _corpus.Sentences[s].Length;
        return length;
    }

    private static int[] Crop(int[] tokens, int longest, ref DeterministicRandom random)
    {
        var length = random.Next(Math.Min(MinimumCrop, tokens.Length), Math.Min(longest, tokens.Length));
        var start = random.Next(0, tokens.Length - length);
        return tokens[start..(start + length)];
    }

    private static TokenPair Pair(int[] query, int[] positive, int maximumTokens) =>
        new(Cut(query, maximumTokens), Cut(positive, maximumTokens), []);

    private static int[] Cut(int[] tokens, int maximum) => tokens.Length <= maximum ? tokens : tokens[..maximum];
}
