--
-- PostgreSQL database dump
--


-- Dumped from database version 18.6
-- Dumped by pg_dump version 18.3

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: vector; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;


--
-- Name: EXTENSION vector; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION vector IS 'vector data type and ivfflat and hnsw access methods';


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: items; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.items (
    id bigint NOT NULL,
    title text,
    body text,
    price numeric(8,2),
    year integer,
    rating real,
    public boolean,
    tags text[],
    scores integer[],
    made timestamp with time zone,
    local_time timestamp without time zone,
    day date,
    uid uuid,
    extra jsonb,
    raw bytea,
    embedding public.vector(4),
    half public.halfvec(3)
);


ALTER TABLE public.items OWNER TO postgres;

--
-- Name: items_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public.items_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.items_id_seq OWNER TO postgres;

--
-- Name: items_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: postgres
--

ALTER SEQUENCE public.items_id_seq OWNED BY public.items.id;


--
-- Name: other; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.other (
    id integer NOT NULL,
    v public.vector(2)
);


ALTER TABLE public.other OWNER TO postgres;

--
-- Name: items id; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.items ALTER COLUMN id SET DEFAULT nextval('public.items_id_seq'::regclass);


--
-- Data for Name: items; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.items (id, title, body, price, year, rating, public, tags, scores, made, local_time, day, uid, extra, raw, embedding, half) FROM stdin;
1	Bread	Line one\nline two\twith a tab and a \\ backslash	12.50	2001	0.5	t	{a,"b c","d,e","q\\"x"}	{1,2}	2024-01-02 01:04:05.678+00	2024-01-02 03:04:05	2024-01-02	11111111-2222-3333-4444-555555555555	{"a": [1, 2], "b": null}	\\xdeadbeef	[1,2,3,4.5]	[1,0.5,2]
2	\N		\N	\N	\N	f	{}	{3}	\N	\N	\N	\N	\N	\N	[0,0,-0.001,1]	\N
3	Ünï "quoted", comma	x	-1.00	2	3.25	\N	\N	\N	2020-02-29 00:00:00+00	0044-03-15 01:02:03	1999-12-31	00000000-0000-0000-0000-000000000001	[]	\\x	[9,8,7,6]	[0,0,1]
\.


-- Data for Name: other; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.other (id, v) FROM stdin;
1	[1,2]
\.



--
-- Name: items_id_seq; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public.items_id_seq', 3, true);


--
-- Name: items items_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (id);


--
-- Name: other other_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.other
    ADD CONSTRAINT other_pkey PRIMARY KEY (id);


--
-- Name: items_embedding_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX items_embedding_idx ON public.items USING hnsw (embedding public.vector_l2_ops);


--
-- PostgreSQL database dump complete
--


